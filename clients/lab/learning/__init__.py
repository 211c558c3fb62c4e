"""Predictions, where they are kept, and exercises.

    exercises        requirements tried over the wire and over the server's processes
    prediction       asks for a prediction before a run, and sets it beside what the run showed
    prediction_store keeps a learner's predictions in a file beside the lessons
"""
