"""Learning: predictions, exercises, and the progress saved for both.

    answer_fields     The input field of a prediction: a choice, a number, or an order.
    exercises         The requirements of each exercise, checked over the wire and on the server's processes.
    prediction        A question before the run; afterwards, your answer compared with the result.
    progress          progress(): all lessons, with predictions, exercises and what to read again.
    progress_store    The file in a learner's copy of the lessons that stores predictions and exercises.
    summary           summary("03"): the predictions of a lesson and their outcomes.
"""
