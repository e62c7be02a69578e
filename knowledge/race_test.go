//go:build race

package knowledge

// withRace tells tests that measure time that the race detector makes everything ten
// times slower.
const withRace = true
