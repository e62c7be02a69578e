package db

import (
	"encoding/hex"

	"github.com/google/uuid"
)

// NewID returns a new id: 32 lower-case hexadecimal digits of a UUID version 7 (RFC
// 9562), so ids sort by the time they were made (milliseconds; those of one process
// strictly in order) and cannot be guessed. It panics when the system has no random
// numbers, as nothing safe can be done then.
func NewID() string {
	id := uuid.Must(uuid.NewV7())
	return hex.EncodeToString(id[:])
}
