package simulator

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/silenceper/wechat/v2/util"
)

// checkAESKey wants 43 characters that decode to 32 bytes.
func checkAESKey(key string) error {
	raw, err := base64.StdEncoding.DecodeString(key + "=")
	if len(key) != 43 || err != nil || len(raw) != 32 {
		return fmt.Errorf("simulator: an EncodingAESKey has 43 letters and digits and decodes to 32 bytes")
	}
	return nil
}

// encrypt seals plaintext as the platform does; random are the 16 leading bytes.
func encrypt(random, plaintext []byte, appID, key string) (string, error) {
	sealed, err := util.EncryptMsg(random, plaintext, appID, key)
	if err != nil {
		return "", fmt.Errorf("simulator: encrypt: %w", err)
	}
	return string(sealed), nil
}

// decrypt opens a reply and checks its AppID.
func decrypt(sealed, appID, key string) (string, error) {
	_, plaintext, err := util.DecryptMsg(appID, sealed, key)
	if err != nil {
		return "", fmt.Errorf("simulator: decrypt: %w", err)
	}
	return string(plaintext), nil
}

// sign is sha1 over the sorted join, for both kinds of signature.
func sign(parts ...string) string { return util.Signature(append([]string(nil), parts...)...) }

// xmlBuilder writes the platform's flat XML: texts in CDATA, numbers bare.
type xmlBuilder struct{ strings.Builder }

func (b *xmlBuilder) text(name, value string) {
	b.WriteString("<" + name + "><![CDATA[" + strings.ReplaceAll(value, "]]>", "]]]]><![CDATA[>") + "]]></" + name + ">")
}

func (b *xmlBuilder) number(name string, value any) {
	b.WriteString("<" + name + ">" + fmt.Sprint(value) + "</" + name + ">")
}

// element is one node of a reply, enough to look up any field.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

// child is the first child of that name, or nil.
func (e *element) child(name string) *element {
	for i := range e.Children {
		if e.Children[i].XMLName.Local == name {
			return &e.Children[i]
		}
	}
	return nil
}

// get is the text at a path of names, "" when any is absent.
func (e *element) get(path ...string) string {
	for _, name := range path {
		if e = e.child(name); e == nil {
			return ""
		}
	}
	if len(e.Children) > 0 {
		return ""
	}
	return strings.TrimSpace(e.Text)
}

// parseXML reads a reply whose root must be <xml>.
func parseXML(body string) (*element, error) {
	var root element
	// gosec finds this in one run of three, so that a nolint would be unused in the others.
	if err := xml.Unmarshal([]byte(body), &root); err != nil { // #nosec G709 -- encoding/xml fills our own type and makes no other
		return nil, fmt.Errorf("reply is no XML: %w", err)
	}
	if root.XMLName.Local != "xml" {
		return nil, fmt.Errorf("reply's root element is %q and not xml", root.XMLName.Local)
	}
	return &root, nil
}
