"""The learner's side of the wire: clients, and what a notebook shows of them."""
