package sense

import (
	_ "embed" // the model
)

//go:embed model.bin
var embedded []byte

// Embedded is the model that the program carries.
func Embedded() (*Model, error) { return Read(embedded) }
