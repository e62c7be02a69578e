//go:build !race

package knowledge

const withRace = false
