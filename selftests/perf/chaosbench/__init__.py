# SPDX-License-Identifier: GPL-2.0-or-later
"""Running the measuring programs, and what is made of their figures."""
