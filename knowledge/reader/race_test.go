//go:build race

package reader

const withRace = true
