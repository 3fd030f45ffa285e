# SPDX-License-Identifier: GPL-2.0-or-later
"""What the test machine raises."""


class SetupError(Exception):
    """Something outside is missing or wrong; the message says what to do."""
