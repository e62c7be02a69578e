package knowledge

// Version is one text of a document.
type Version struct {
	ID, DocumentID string
	Title          string // as printed in this version
	Label          string // 2021-01-24, or a year
	Number         string // 文号
	Issuer         string

	// Dates are YYYY-MM-DD or "".
	Adopted, Published, Approved, Effective string
	Expires                                 string // first day after its own 有效期
	ValidFrom                               string // first day in force, "" when unknown
	ValidTo                                 string // first day no longer in force, "" while in force

	Ended   Ended
	EndedBy string // id of the version that ended this one, ""

	Incomplete    bool
	IncompleteWhy string // Chinese
	ToCheck       string // why to compare it with the original, Chinese; "" when there is no need
	Source        string // file it was imported from
	Original      string // address of the original, ""
	Clauses       int
	ImportedAt    int64 // UTC milliseconds
	Added         int64 // order of import, never changes
	Seq           int64 // generation of the last change
}

// Ended tells why a version stopped being in force.
type Ended string

// The ways a version ends.
const (
	InUse      Ended = ""
	Superseded Ended = "superseded" // a later version of the same title took effect
	Replaced   Ended = "replaced"   // another import of the same edition took its place
	Repealed   Ended = "repealed"   // another document declares it 废止
	Expired    Ended = "expired"    // its own 有效期 ran out
)

// States as people read them. 已失效 is for a document whose own term ran out.
const (
	StateInForce  = "现行有效"
	StateAmended  = "已修订"
	StateRepealed = "已废止"
	StateExpired  = "已失效"
	StatePending  = "尚未施行"
)

// State tells what a version is on a day (YYYY-MM-DD). It is a pure function of the
// version's validity.
func State(v Version, day string) string {
	if v.ValidTo != "" && day >= v.ValidTo || v.Ended == Replaced {
		switch v.Ended {
		case Repealed:
			return StateRepealed
		case Expired:
			return StateExpired
		}
		return StateAmended
	}
	if v.ValidFrom != "" && day < v.ValidFrom {
		return StatePending
	}
	return StateInForce
}

// InForce reports whether the version is in force on a day (YYYY-MM-DD).
func InForce(v Version, day string) bool { return State(v, day) == StateInForce }
