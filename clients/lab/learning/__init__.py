"""Learning: predictions, exercises, and what is kept of both.

    answer_fields     The field of a prediction: a choice, a number, or an order.
    exercises         What each exercise asks for, checked over the wire and over the server's processes.
    prediction        A question before the run, and after it the answer beside what the run showed.
    progress          progress(): all lessons, with predictions, exercises and what to read again.
    progress_store    The file beside a learner's copy in which predictions and exercises are kept.
    summary           summary("03"): what came of the predictions in a lesson.
"""
