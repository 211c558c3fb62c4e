"""python -m clients.examiner 127.0.0.1:6666: examine whatever listens there, over the wire."""

import sys

from clients.examiner import examine
from clients.tcp import address_of, arguments


def main():
    try:
        report = examine(address_of(arguments(__doc__).parse_args().address))
    except ValueError as problem:
        sys.exit(str(problem))
    print(report)
    sys.exit(0 if report.passed else 1)


if __name__ == "__main__":
    main()
