package index

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

func saved(t *testing.T) string {
	t.Helper()
	x := NewEmbedded()
	v := &Version{ID: "v", Title: "某法", Name: "中华人民共和国某法", Number: "第一号", Level: "法律", Region: "全国", Label: "2020", ValidFrom: "2020-01-01", ValidTo: "2030-01-01"}
	put(t, x, &Entry{ID: "a", Version: v, Ref: "第一条", Article: 1451, Sub: 2, Text: "危废贮存\n一年", Path: "总则", Heading: "贮存", Asked: "能放多久", Cues: 5, Quoted: true},
		&Entry{ID: "b", Version: v, Text: "危废转移"})
	path := filepath.Join(t.TempDir(), "index.snapshot")
	if ok, err := x.Save(path, "print", 42); !ok || err != nil {
		t.Fatal(ok, err)
	}
	return path
}

func TestASnapshotHoldsTheWholeIndex(t *testing.T) {
	x, generation, err := Load(saved(t), "print")
	if err != nil || generation != 42 || x.Len() != 2 {
		t.Fatal(generation, err)
	}
	e := search(t, x, Query{Terms: words("贮存")})[0].Entry
	if v := e.Version; v.Name != "中华人民共和国某法" || v.Number != "第一号" || v.ValidTo != "2030-01-01" || v.Label != "2020" || v.Region != "全国" || v.Level != "法律" || v.Title != "某法" {
		t.Errorf("version %+v", v)
	}
	if e.ID != "a" || e.Ref != "第一条" || e.Article != 1451 || e.Sub != 2 || e.Cues != 5 || !e.Quoted || len(e.AskedGrams) == 0 {
		t.Errorf("entry %+v", e)
	}
	if x.Lift("危废") == 0 {
		t.Error("the statistics are lost")
	}
	put(t, x, &Entry{ID: "c", Version: version("w", "另法", "", ""), Text: "危废处置"})
	if got := ids(search(t, x, Query{Terms: words("处置")})); got != "c" {
		t.Errorf("what comes later is not found: %s", got)
	}
}

func TestAnIndexWithDeletedEntriesIsNotSaved(t *testing.T) {
	x := NewEmbedded()
	put(t, x, &Entry{ID: "a", Version: version("v", "某法", "", ""), Text: "危废"})
	if err := x.Delete(t.Context(), "v"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x")
	if ok, err := x.Save(path, "p", 1); ok || err != nil {
		t.Error(ok, err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("a file is left behind")
	}
}

func TestASnapshotThatDoesNotFitIsRefused(t *testing.T) {
	path := saved(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(path, "another"); !errors.Is(err, ErrSnapshot) {
		t.Errorf("another fingerprint: %v", err)
	}
	if _, _, err := Load(path+".none", "print"); !errors.Is(err, ErrSnapshot) {
		t.Errorf("no file: %v", err)
	}
	for _, n := range []int{0, 1, 17, len(good) / 2, len(good) - 1} {
		if err := os.WriteFile(path, good[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Load(path, "print"); !errors.Is(err, ErrSnapshot) {
			t.Errorf("%d bytes of %d: %v", n, len(good), err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		bad := append([]byte(nil), good...)
		bad[rapid.IntRange(0, len(bad)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Load(path, "print"); !errors.Is(err, ErrSnapshot) {
			t.Fatalf("an altered bit: %v", err)
		}
	})
}

func FuzzSnapshot(f *testing.F) {
	f.Add([]byte(snapshotMagic))
	f.Add([]byte(snapshotMagic + "\x05print\x2a\xff\xff\xff\xff\x0f"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(dir, "index.snapshot")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, _ = Load(path, "print") // no panic, no memory without bounds
	})
}
