"""Run the command as ``python -m guidex_schema``."""

from guidex_schema.cli import main

if __name__ == "__main__":
    main()
