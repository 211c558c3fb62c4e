"""The course as something to install and hand out; nothing here appears in a notebook.

    already_open           `make lab` asks it whether a JupyterLab is already open on the learner's copy.
    assignments            The lessons' exercises as assignments for nbgrader, in assignments/: `make assignments`.
    curriculum             The lessons in order, their side paths, and the data in each one's first cell.
    environment            Checks whether this machine and this Python can run the course: `make check`.
    hub_learner            The program that the hub runs for a learner: makes their copy, writes start-here.md, becomes their JupyterLab.
    ipython_kernel_config  Settings for the kernels of the course's environment, so that no cell stays at [*].
    jupyter_server_config  Settings for Jupyter in the course's environment.
    jupyterhub_config      The hub for a class on one machine: `make hub` starts JupyterHub with it.
    kernel_sockets         Unix sockets between a kernel and its page, or nbval: a TCP port could be taken.
    map_and_glossary       The pages and links that are generated: navigation, map, glossary, page for teachers.
    memory_limit           A Jupyter extension that keeps a learner of the hub within a memory limit, and reports what it ends.
    nodelay                The connection from a kernel to its page, without Nagle's delay.
    proxy                  A Jupyter extension that hides the learner's session from pages reached "through JupyterLab".
    site                   The course as static pages, in site/, readable without a kernel and offline: `make site`.
    store                  Runs a lesson and stores its outputs in it: `make store LESSON=02`, or all lessons without a number.
    workspace              The learner's own copy of the lessons, in work/: `make lab` makes it, `make fresh LESSON=02` restores a lesson.

labextension/ is an extension of JupyterLab, installed with the project: a widget whose kernel has ended shows its stored picture
and how to continue, pictures get their alternative text, and messages of memory_limit are shown.
"""
