// Package house holds the tests of the house rules: who may import whom, how
// long files and functions may grow, and that no test skips. It has no code.
package house
