// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Each search agrees with CEL's own, for short texts of few characters with many matches.
func TestSearchesAgreeWithCEL(t *testing.T) {
	env, err := cel.NewEnv(ext.Strings(), cel.Variable("body", cel.DynType))
	require.NoError(t, err)
	expressions := []string{
		`body.t.indexOf(body.u)`, `body.t.indexOf(body.u, body.n)`, `body.t.lastIndexOf(body.u)`, `body.t.lastIndexOf(body.u, body.n)`,
		`body.t.contains(body.u)`, `body.t.split(body.u)`, `body.t.split(body.u, body.n)`,
	}
	theirs := make([]cel.Program, len(expressions))
	ours := make([]*mapping.Program, len(expressions))
	for i, e := range expressions {
		ast, issues := env.Compile(`string(` + e + `)`)
		if i > 4 {
			ast, issues = env.Compile(e + `.join("|")`)
			e += `.join("|")`
		}
		require.NoError(t, issues.Err())
		theirs[i], err = env.Program(ast)
		require.NoError(t, err)
		ours[i], err = mapping.Compile([]v1alpha1.MappingRule{eventWith(map[string]v1alpha1.CELExpression{"p": v1alpha1.CELExpression(e)})})
		require.NoError(t, err)
	}
	characters := rapid.SampledFrom([]rune("aabä€😀"))
	rapid.Check(t, func(t *rapid.T) {
		text, part := string(rapid.SliceOfN(characters, 0, 8).Draw(t, "text")), string(rapid.SliceOfN(characters, 0, 3).Draw(t, "part"))
		n := rapid.IntRange(-1, 10).Draw(t, "n")
		document, err := json.Marshal(map[string]any{"t": text, "u": part, "n": n})
		require.NoError(t, err)
		body, err := value.Decode(document)
		require.NoError(t, err)
		for i, e := range expressions {
			out, _, err := theirs[i].Eval(map[string]any{"body": map[string]any{"t": text, "u": part, "n": n}})
			o := ours[i].Map(&mapping.Input{Body: body, Now: now, Budget: mapping.NewBudget(), MaxEvents: 100})
			if err != nil {
				require.NotNil(t, o.Made[0].Rejection, "%s: CEL refuses it: %v", e, err)
				continue
			}
			require.Nil(t, o.Made[0].Rejection, e)
			var got struct{ P any }
			require.NoError(t, json.Unmarshal(o.Made[0].Event.Properties, &got))
			require.Equal(t, out.Value(), fmt.Sprint(got.P), e)
		}
	})
}

// The positions of the first and of the last character are valid.
func TestSearchesFromFirstAndLastPosition(t *testing.T) {
	for expression, want := range map[v1alpha1.CELExpression]string{
		`"banana".lastIndexOf("b", 0)`: `0`, `"banana".lastIndexOf("a", 5)`: `5`, `"banana".lastIndexOf("a", 6)`: `-1`, `"banana".lastIndexOf("", 6)`: `6`,
		`"banana".indexOf("b", 0)`: `0`, `"banana".indexOf("a", 5)`: `5`, `"banana".indexOf("", 6)`: `6`, `"banana".indexOf("a", 6)`: `-1`,
		`"".lastIndexOf("", 0)`: `0`, `"".indexOf("a", 0)`: `-1`,
	} {
		require.Equal(t, want, result(t, `{"type":"t"}`, expression), expression)
	}
}
