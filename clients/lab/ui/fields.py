"""Buttons and fields with their labels: what a learner clicks and types into."""

import warnings

import ipywidgets as widgets

WRAP = {"flex_flow": "row wrap"}  # the layout of a row that may take several lines


def button(label, action, tooltip="", width="max-content"):
    """A button that calls `action()`, unless it rests."""
    made = widgets.Button(description=label, tooltip=tooltip or label, layout=widgets.Layout(width=width))
    made.resting = False
    made.on_click(lambda _: made.resting or action())
    return made


def rest(button, resting=True):
    """Dim a button that has nothing to do now.

    It is not `disabled`: a disabled button loses the focus, and the learner's next key would go to the notebook.
    """
    button.resting = resting
    button.style.text_color = "var(--jp-ui-font-color3, #888)" if resting else None


def text_field(label, value="", action=None, width="360px", label_width="90px", **options):
    """A field of one line with its label; Enter calls `action()`."""
    style, layout = {"description_width": label_width}, widgets.Layout(width=width)
    field = widgets.Text(value=value, description=label, style=style, layout=layout, **options)
    if action:
        with warnings.catch_warnings():  # deprecated, but there is no other way to hear the Enter key
            warnings.simplefilter("ignore", DeprecationWarning)
            field.on_submit(lambda _: action())
    return field


def text_area(label, value):
    """A field of several lines with its label."""
    layout = widgets.Layout(width="560px", height="90px")
    return widgets.Textarea(value=value, description=label, style={"description_width": "90px"}, layout=layout)
