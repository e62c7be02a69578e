package meili

import (
	"fmt"
	"slices"

	"github.com/meilisearch/meilisearch-go"
)

// locales say how texts and questions are cut into words. Without them one
// kana makes the server take a text for Japanese.
func locales() []string { return []string{"cmn"} }

// cutOff is how long the server may look for the best clauses of one query
// before it answers with what it has.
const cutOff = 400

// The embedders of an index with vectors. Those of texts and of standard
// questions are kept apart: a question is nearer to any other question than to
// the text that answers it, and would find nothing else.
const (
	textEmbedder  = "text"
	askedEmbedder = "asked"
)

// settings are those of the index, written by the program and by nobody else;
// dimensions are those of its vectors, 0 for an index of words alone. Empty ones
// are not sent by the library: a fresh index has none.
func settings(dimensions int) *meilisearch.Settings {
	noPrefixes := "disabled"
	s := &meilisearch.Settings{
		// Typos are for us to repair, against the knowledge base's own words.
		RankingRules:         []string{"words", "proximity", "attribute", "exactness"},
		SearchableAttributes: []string{"asked", "text", "heading", "path", "title"},
		FilterableAttributes: []string{"article", "article_sub", "valid_from", "valid_to", "version"},
		DisplayedAttributes:  []string{"id", "generation", "stamp"},
		LocalizedAttributes:  []*meilisearch.LocalizedAttributes{{AttributePatterns: []string{"*"}, Locales: locales()}},
		// The word sizes must be sent: the library writes zeros otherwise.
		TypoTolerance:  &meilisearch.TypoTolerance{Enabled: false, MinWordSizeForTypos: meilisearch.MinWordSizeForTypos{OneTypo: 5, TwoTypos: 9}, DisableOnWords: []string{}, DisableOnAttributes: []string{}},
		SearchCutoffMs: cutOff,
		PrefixSearch:   &noPrefixes,
	}
	if dimensions > 0 {
		s.FilterableAttributes = []string{"article", "article_sub", "asked_vectors", "lacking", "text_vectors", "valid_from", "valid_to", "version"}
		s.DisplayedAttributes = append(s.DisplayedAttributes, "dimensions", "lacking", "version")
		ours := meilisearch.Embedder{Source: meilisearch.UserProvidedEmbedderSource, Dimensions: dimensions}
		s.Embedders = map[string]meilisearch.Embedder{textEmbedder: ours, askedEmbedder: ours}
	}
	return s
}

// drift names the first setting that is not ours, "" when all are.
func drift(want, have *meilisearch.Settings) string {
	for name, pair := range map[string][2][]string{
		"rankingRules":         {want.RankingRules, have.RankingRules},
		"searchableAttributes": {want.SearchableAttributes, have.SearchableAttributes},
		"displayedAttributes":  {want.DisplayedAttributes, have.DisplayedAttributes},
		"filterableAttributes": {want.FilterableAttributes, slices.Sorted(slices.Values(have.FilterableAttributes))},
		"stopWords":            {nil, have.StopWords},
		"dictionary":           {nil, have.Dictionary},
		"separatorTokens":      {nil, have.SeparatorTokens},
		"nonSeparatorTokens":   {nil, have.NonSeparatorTokens},
		"localizedAttributes":  {localized(want), localized(have)},
		"embedders":            {embedders(want), embedders(have)},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			return name
		}
	}
	switch {
	case len(have.Synonyms) > 0:
		return "synonyms"
	case have.DistinctAttribute != nil:
		return "distinctAttribute"
	case have.TypoTolerance == nil || have.TypoTolerance.Enabled:
		return "typoTolerance"
	case have.SearchCutoffMs != want.SearchCutoffMs:
		return "searchCutoffMs"
	case have.PrefixSearch == nil || *have.PrefixSearch != *want.PrefixSearch:
		return "prefixSearch"
	}
	return ""
}

func localized(s *meilisearch.Settings) []string {
	var out []string
	for _, l := range s.LocalizedAttributes {
		out = append(out, fmt.Sprint(l.AttributePatterns, l.Locales))
	}
	return out
}

func embedders(s *meilisearch.Settings) []string {
	var out []string
	for name, e := range s.Embedders {
		out = append(out, fmt.Sprint(name, " ", e.Source, " ", e.Dimensions, " ", e.BinaryQuantized, " ", e.Distribution != nil))
	}
	slices.Sort(out)
	return out
}
