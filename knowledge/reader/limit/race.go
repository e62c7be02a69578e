//go:build race

package limit

// underRace: the race detector's shadow memory is many times the program's.
const underRace = true
