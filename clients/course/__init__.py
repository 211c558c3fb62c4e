"""The course as a thing to install and hand out: nothing here is what a notebook shows.

    already_open           Is a JupyterLab open on the learner's copy already? `make lab` asks it.
    assignments            The lessons' exercises as assignments for nbgrader, in assignments/: `make assignments` makes them.
    curriculum             The lessons in order, the side paths of each, and what each of them says of itself.
    environment            Says in plain words whether this machine and this Python can run the course: `make check`.
    hub_learner            What the hub runs as the learner: makes their copy, writes start-here.md, and becomes their JupyterLab.
    ipython_kernel_config  What a kernel is told in the course's environment, so that no cell stays at [*].
    jupyter_server_config  What Jupyter is told in the course's environment.
    jupyterhub_config      The hub for a class on one machine: `make hub` starts JupyterHub with it.
    kernel_sockets         Kernels talk to their page, or to nbval, over Unix sockets: a TCP port could be taken.
    map_and_glossary       The way from each lesson to the next, the map, the glossary and the page for teachers: made, not written.
    memory_limit           Keeps a learner of the hub within their memory, and says when it ends something: an extension of Jupyter.
    nodelay                The connection from a kernel to its page, without Nagle's delay.
    proxy                  Keeps the learner's session from what is reached "through JupyterLab": an extension of Jupyter.
    site                   The course as static pages, in site/, to read without a kernel and without the internet: `make site`.
    store                  Runs a lesson and stores its outputs in it: `make store LESSON=02`, or all lessons without a number.
    workspace              The learner's own copy of the lessons, in work/: `make lab` makes it, `make fresh LESSON=02` renews one lesson.

labextension/ is an extension of JupyterLab, installed with the project: widgets whose kernel has ended show their stored picture and
say how to go on, pictures have their alternative text, and what memory_limit says is shown.
"""
