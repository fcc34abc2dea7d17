// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package object_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/transport/object"
)

func TestObject(t *testing.T) {
	var o object.Object
	require.Nil(t, o.JSON())
	o.Text("text", `a "quoted" <b>`)
	o.Text("empty", "")
	o.Text("text", "the first value stays")
	o.Number("number", "129.90")
	o.Number("exponent", "1e3")
	o.Number("no number", "n/a")
	o.Raw("null", []byte("null"))
	o.Raw("list", []byte("[1]"))
	o.Add([]byte(`{"id":7,"drop":1,"keep":{"a":1},"text":"late"}`), map[string]string{"id": "product_id", "drop": ""})
	require.JSONEq(t, `{"text":"a \"quoted\" <b>","number":129.90,"exponent":1000,"no number":"n/a","list":[1],"product_id":7,"keep":{"a":1}}`, string(o.JSON()))
}

func TestList(t *testing.T) {
	require.JSONEq(t, `[{"product_id":"a"},{"x":2}]`, string(object.List([]byte(`[{"id":"a"},7,null,{},{"x":2}]`), map[string]string{"id": "product_id"})))
	require.Nil(t, object.List([]byte(`[1]`), nil))
	require.Nil(t, object.List([]byte(`{}`), nil))
	require.JSONEq(t, `[1,2]`, string(object.Join([]json.RawMessage{[]byte("1"), []byte("2")})))
}
