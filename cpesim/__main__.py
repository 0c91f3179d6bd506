"""`python -m cpesim`: the same as the command `cpesim`."""

from cpesim.cli.app import main

if __name__ == "__main__":
    main()
