#!/bin/sh
# autogen.sh - make configure from configure.ac.
set -e
cd "$(dirname "$0")"
autoreconf --install --force --warnings=all
# autoconf cleans up after crashing test programs with `rm -f core`, which
# would hit the folder of that name; say what is meant instead.
sed -i -e 's/rm -f core \*\.core/rm -f *.core/g' \
       -e 's/rm -f core conftest/rm -f conftest/g' configure
! grep -n 'rm -f core' configure
