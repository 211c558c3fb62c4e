"""Buttons and labelled fields."""

import warnings

import ipywidgets as widgets

WRAP = {"flex_flow": "row wrap"}  # layout of a row that may wrap


def button(label, action, tooltip="", width="max-content"):
    """Return a button that calls `action()` unless it is resting."""
    made = widgets.Button(description=label, tooltip=tooltip or label, layout=widgets.Layout(width=width))
    made.resting = False
    made.on_click(lambda _: made.resting or action())
    return made


def rest(button, resting=True):
    """Dim a button and make it ignore clicks, or undo that.

    It is not `disabled`: a disabled button loses the focus, and the learner's next key would go to the notebook.
    """
    button.resting = resting
    button.style.text_color = "var(--jp-ui-font-color3, #888)" if resting else None


def text_field(label, value="", action=None, width="360px", label_width="90px", **options):
    """Return a labelled field of one line; Enter calls `action()`."""
    style, layout = {"description_width": label_width}, widgets.Layout(width=width)
    field = widgets.Text(value=value, description=label, style=style, layout=layout, **options)
    if action:
        with warnings.catch_warnings():  # on_submit is deprecated, but nothing else reports the Enter key
            warnings.simplefilter("ignore", DeprecationWarning)
            field.on_submit(lambda _: action())
    return field


def text_area(label, value):
    """Return a labelled field of several lines."""
    layout = widgets.Layout(width="560px", height="90px")
    return widgets.Textarea(value=value, description=label, style={"description_width": "90px"}, layout=layout)
