// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// maxElements is the number of elements of XML, so that its document needs little more memory than its text.
const maxElements = 50_000

// instance is the namespace of the attributes nil and type.
const instance = "http://www.w3.org/2001/XMLSchema-instance"

var errElements, errNested, errRoots = errors.New("too many elements"), errors.New("nested too deeply"), errors.New("several root elements")

// ofXML returns the content of the root element as a document. Names have no namespace, attributes of elements with children begin with @, repeated
// elements are lists, and an element without children is its text. There are no entities but those of XML itself, so none can grow or read a file.
func ofXML(body []byte) ([]document, *reject.Rejection) {
	r := &xmlReader{decoder: xml.NewDecoder(bytes.NewReader(body))}
	root, err := r.root()
	switch {
	case errors.Is(err, errElements):
		return nil, reject.New(reject.TooDeep, "", fmt.Sprintf("the body has more than %d elements", maxElements))
	case errors.Is(err, errNested):
		return nil, reject.New(reject.TooDeep, "", fmt.Sprintf("the body is nested more than %d levels deep", transport.MaxDepth))
	case err != nil:
		return nil, reject.New(reject.BadJSON, "", "not valid XML in UTF-8")
	}
	fields, ok := root.(map[string]any)
	if !ok {
		return nil, reject.New(reject.BadJSON, "", "the root element must have elements")
	}
	return []document{{fields: fields}}, nil
}

// weightXML returns JSON-like text with an object for each tag, and a value for each attribute.
func weightXML(body []byte) []byte {
	return bytes.Map(func(r rune) rune {
		switch r {
		case '<':
			return '{'
		case '=':
			return ','
		}
		return r
	}, body)
}

type xmlReader struct {
	decoder  *xml.Decoder
	elements int
}

// root reads the only root element.
func (r *xmlReader) root() (root any, err error) {
	found := false
	for {
		token, err := r.decoder.Token()
		if errors.Is(err, io.EOF) && found {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		if start, ok := token.(xml.StartElement); ok {
			if found {
				return nil, errRoots
			}
			found = true
			if root, err = r.element(start, 1); err != nil {
				return nil, err
			}
		}
	}
}

// element reads the rest of an element.
func (r *xmlReader) element(start xml.StartElement, depth int) (any, error) {
	if r.elements++; r.elements > maxElements {
		return nil, errElements
	}
	if depth > transport.MaxDepth {
		return nil, errNested
	}
	var text strings.Builder
	var children map[string]any
	for {
		token, err := r.decoder.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			child, err := r.element(t, depth+1)
			if err != nil {
				return nil, err
			}
			if children == nil {
				children = map[string]any{}
			}
			add(children, t.Name.Local, child)
		case xml.EndElement:
			return whole(start.Attr, children, text.String()), nil
		}
	}
}

// add sets a child, or makes a list of those with the same name.
func add(children map[string]any, name string, child any) {
	switch before, ok := children[name]; list := before.(type) {
	case nil:
		if ok {
			child = []any{nil, child}
		}
		children[name] = child
	case []any:
		children[name] = append(list, child)
	default:
		children[name] = []any{before, child}
	}
}

// whole returns the value of an element: nil for xsi:nil, its text without children, or an object.
func whole(attributes []xml.Attr, children map[string]any, text string) any {
	for _, a := range attributes {
		if a.Name.Space == instance && a.Name.Local == "nil" && (a.Value == "true" || a.Value == "1") {
			return nil
		}
	}
	if children == nil {
		return text
	}
	for _, a := range attributes {
		switch {
		case a.Name.Space == "xmlns" || a.Name.Local == "xmlns":
		case a.Name.Space == instance && a.Name.Local == "type":
			_, local, prefixed := strings.Cut(a.Value, ":")
			if !prefixed {
				local = a.Value
			}
			children["@type"] = local
		default:
			children["@"+a.Name.Local] = a.Value
		}
	}
	return children
}
