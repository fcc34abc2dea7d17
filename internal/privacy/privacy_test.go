// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package privacy_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/value"
)

func TestNormalize(t *testing.T) {
	for _, c := range []struct{ typ, in, out string }{
		{"customerId", " 880011 ", "880011"},
		{"customerId", "Ab\x00c", "Abc"},
		{"customerId", "null", ""},
		{"customerId", "  NULL ", ""},
		{"customerId", "undefined", ""},
		{"customerId", `"undefined"`, ""}, {"customerId", "'null'", ""},
		{"customerId", "[object Object]", ""},
		{"customerId", "0", ""},
		{"customerId", "000", ""},
		{"customerId", "00000000-0000-0000-0000-000000000000", ""},
		{"customerId", "anonymous", ""},
		{"customerId", "Guest", ""},
		{"customerId", "guest-17", "guest-17"},
		{"customerId", "", ""},
		{"customerId", strings.Repeat("x", 257), ""},
		{"email", " Ana@Example.TEST", "ana@example.test"},
		{"email", "mailto:ana@example.test", "ana@example.test"},
		{"email", "ana", ""},
		{"email", "ana@", ""},
		{"email", "a@b@c", ""},
		{"email", "null@example.test", ""},
		{"email", "Ana <ana@example.test>", ""},
		{"phone", "+49 (0)151 12345678", "+4915112345678"},
		{"phone", "0049 151-12345678", "+4915112345678"},
		{"phone", "tel:+4915112345678", "+4915112345678"},
		{"phone", "+1 (555) 010-9999", "+15550109999"},
		{"phone", "015112345678", ""},
		{"phone", "+49", ""},
		{"phone", "+999123456", ""},
	} {
		got, ok := privacy.Normalize(c.typ, c.in)
		require.Equal(t, c.out != "", ok, "%s %q", c.typ, c.in)
		if ok {
			require.Equal(t, c.out, got)
		}
	}
}

// Normalisation is idempotent, so a value that another system has normalised is the same person.
func TestNormalizeIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom([]string{"customerId", "email", "phone", "custom"}).Draw(t, "type")
		in := rapid.OneOf(rapid.String(), rapid.StringMatching(`\+?[0-9 ()-]{3,18}`), rapid.StringMatching(` ?[A-Za-z.]{1,8}@[A-Za-z.]{1,12}`)).Draw(t, "value")
		once, ok := privacy.Normalize(typ, in)
		if !ok {
			return
		}
		twice, ok := privacy.Normalize(typ, once)
		require.True(t, ok, "%q became %q, which is refused", in, once)
		require.Equal(t, once, twice)
	})
}

func hasher(types []v1alpha1.IdentityType, peppers ...string) *privacy.Hasher {
	keys := make([][]byte, len(peppers))
	for i, p := range peppers {
		keys[i] = []byte(p)
	}
	return privacy.NewHasher(types, keys)
}

func TestHashIsTheKeyedHashOfTheNormalisedValue(t *testing.T) {
	h := hasher([]v1alpha1.IdentityType{"email"}, "pepper-1")
	ids := h.Identities(nil, "email", "ana@example.test")
	require.Len(t, ids, 1)
	version, sum, ok := strings.Cut(ids[0].Value, ":")
	require.True(t, ok)
	require.Len(t, version, 9)
	mac := hmac.New(sha256.New, []byte("pepper-1"))
	mac.Write([]byte("ana@example.test"))
	require.Equal(t, hex.EncodeToString(mac.Sum(nil)), sum)
	require.Equal(t, ids, h.Identities(nil, "email", "ana@example.test"))
	require.NotEqual(t, ids, hasher([]v1alpha1.IdentityType{"email"}, "pepper-2").Identities(nil, "email", "ana@example.test"))
	require.Equal(t, []event.Identity{{Type: "customerId", Value: "7"}}, h.Identities(nil, "customerId", "7"))
}

func TestAnEmailUnderAnotherTypeIsHashedToo(t *testing.T) {
	h := hasher([]v1alpha1.IdentityType{"email"}, "pepper-1")
	a := h.Identities(nil, "customerId", "Ana@Example.test")
	b := h.Identities(nil, "email", "ana@example.test")
	require.Equal(t, a[0].Value, b[0].Value)
}

func TestBothHashesDuringARotation(t *testing.T) {
	types := []v1alpha1.IdentityType{"email", "customerId"}
	before, during, after := hasher(types, "old"), hasher(types, "new", "old"), hasher(types, "new")
	require.False(t, before.Rotating())
	require.True(t, during.Rotating())
	both := during.Identities(nil, "email", "ana@example.test")
	require.Equal(t, append(after.Identities(nil, "email", "ana@example.test"), before.Identities(nil, "email", "ana@example.test")...), both)
	require.Equal(t, after.Identities(nil, "customerId", "7"), during.Identities(nil, "customerId", "7"),
		"two customerIds on one event would be two people")
	require.Equal(t, append(after.Identities(nil, "customerId", "7"), before.Identities(nil, "customerId", "7")...), during.Alias(privacy.CustomerID, "7"))
	require.Nil(t, after.Alias(privacy.CustomerID, "7"))
	require.Nil(t, hasher([]v1alpha1.IdentityType{"email"}, "new", "old").Alias(privacy.CustomerID, "7"))
}

func TestScrubberLeavesNoHashedIdentifier(t *testing.T) {
	h := hasher([]v1alpha1.IdentityType{"email", "phone", "deviceId"}, "p")
	s := h.NewScrubber()
	s.Know("deviceId", " Tablet-7 ", "Tablet-7")
	s.Know("customerId", "880011", "880011")
	v := s.Value(map[string]any{
		"email": "Ana@Example.test", "Phone-Number": "+49 151 12345678", "mobile": "0151 12345678", "phone": int64(4915112345678),
		"email_opt_in": true, "subject": "ana@example.test", "note": "call me", "customer": "880011",
		"nested": map[string]any{"device": "Tablet-7", "raw": " Tablet-7 ", "list": []any{"+4915112345678", "x"}, "contactEmail": "nonsense"},
	}).(map[string]any)
	mail, phone, device := h.Hash("ana@example.test"), h.Hash("+4915112345678"), h.Hash("Tablet-7")
	require.Equal(t, map[string]any{
		"email": mail, "Phone-Number": phone, "email_opt_in": true, "subject": mail, "note": "call me", "customer": "880011",
		"nested": map[string]any{"device": device, "raw": device, "list": []any{phone, "x"}},
	}, v)
	require.Equal(t, device, s.Text("Tablet-7"))
	var none *privacy.Hasher
	require.Nil(t, none.NewScrubber())
	require.Equal(t, "ana@example.test", none.NewScrubber().Text("ana@example.test"))
}

// In longer texts and names, identifiers are replaced by words. Ids are hashed as a whole. Numbers are treated like their texts.
func TestScrubberReplacesIdentifiersInTexts(t *testing.T) {
	h := hasher([]v1alpha1.IdentityType{"email", "phone", "customerId"}, "p")
	s := h.NewScrubber()
	s.Know("customerId", "880011", "880011")
	s.Know("phone", "+49 151 12345678", "+4915112345678")
	s.Know("phone", "0171 7654321", "0171 7654321") // invalid as an identity
	s.Know("email", "Ana@corp", "ana@corp")
	customer, phone, mail := h.Hash("880011"), h.Hash("+4915112345678"), h.Hash("ana@corp")
	for in, out := range map[string]string{
		"880011": customer, "user880011": "user[customerId]", "17880011": "17880011", "8800112": "8800112", "x%2F880011": "x%2F[customerId]",
		"+4915112345678": phone, "0151 12345678": phone, "4915112345678": phone, "call 0049-151-123 456 78 now": "call [phone] now",
		"0171/765-4321 ": "[phone] ", "Ana@Corp": mail, "ask ana@corp": "ask [email]", "ask bob@example.com": "ask [email]", "3 @ 10.50": "3 @ 10.50",
		"915112345678": phone, "order 20261130": "order 20261130", "": "",
	} {
		require.Equal(t, out, s.Text(in), in)
		if in != out {
			require.NotEqual(t, in, s.Name(in))
			require.NotContains(t, s.Name(in), ":", "names have no hashes, which nobody could read")
		}
	}
	for in, out := range map[string]string{"880011 called": "[customerId] called", "880011": "[customerId]", "ana@corp": "[email]", "Called": "Called"} {
		require.Equal(t, out, s.Name(in))
	}
	require.Equal(t, customer, s.ID("880011"))
	require.Equal(t, "order-17", s.ID("order-17"))
	require.Equal(t, h.Hash("order-880011-1"), s.ID("order-880011-1"))
	number := func(text string) any { return json.Number(text) }
	require.Equal(t, []any{customer, customer, customer, phone, phone, number("88001"), number("880011.5"), number("1e999999999")},
		s.Value([]any{number("880011"), number("880011.00"), number("8.80011e5"), number("4915112345678"), number("15112345678"), number("88001"),
			number("880011.5"), number("1e999999999")}))
	require.Equal(t, map[string]any{"[customerId]": 2, "[customerId] 2": 1, "[email]": true, "mobile": phone, "tel": h.Hash("0171 7654321")},
		s.Value(map[string]any{"880011": 1, "[customerId]": 2, "x@example.com": true, "mobile": number("4915112345678"), "tel": "0171 7654321"}))
}

// The customer number 7 is not removed from texts and quantities. A text that consists only of it is replaced.
func TestShortIdentifiersAreReplacedOnlyAsAWhole(t *testing.T) {
	h := hasher([]v1alpha1.IdentityType{"customerId"}, "p")
	s := h.NewScrubber()
	s.Know("customerId", "7", "7")
	require.Equal(t, []any{h.Hash("7"), "Step 7", json.Number("7")}, s.Value([]any{"7", "Step 7", json.Number("7")}))
	require.True(t, s.Touches([]byte(`{"a":"7"}`)))
	require.False(t, s.Touches([]byte(`{"a":7,"b":"Step 7"}`)))
}

// The quick check never misses an identifier that the full check would replace.
func TestTouchesNeverMisses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := rapid.SliceOfDistinct(rapid.SampledFrom([]v1alpha1.IdentityType{"email", "phone", "deviceId"}), rapid.ID).Draw(t, "types")
		if len(types) == 0 {
			return
		}
		h := hasher(types, "p")
		s := h.NewScrubber()
		s.Know("deviceId", "Tablet-7", "Tablet-7")
		s.Know("email", "Ana@x.yz", "ana@x.yz")
		s.Know("phone", "+49 151 12345678", "+4915112345678")
		s.Know("deviceId", "880011", "880011")
		s.Know("deviceId", "7", "7")
		leaf := rapid.OneOf(
			rapid.Map(rapid.SampledFrom([]string{"Tablet-7", "x", "ANA@x.yz", "bob@x.yz", "+4915112345678", "0151 12345678", "\u0001@x.y",
				"tab", "7", "880011", "a880011", "880011 x",
				"0151/1234 5678", "x +1 555 0109999", "bob%40x.yz", "bob\uff20x.yz", "https://x.yz/?a=+b"}), func(s string) any { return s }),
			rapid.Map(rapid.SampledFrom([]string{"7", "880011", "880011.0", "8.80011e5", "8800110e-1", "4915112345678", "15112345678", "-880011", "1e3"}),
				func(s string) any { return json.Number(s) }),
			rapid.Map(rapid.Bool(), func(b bool) any { return b }), rapid.Map(rapid.Int(), func(i int) any { return i }),
		)
		name := rapid.OneOf(rapid.SampledFrom([]string{"E-Mail", "phone_number", "MSISDN", "tel", "note", "hotel", "m_ail", "Mobile Phone", "7",
			"880011", "+15550109999", "bob@x.yz", "bob%40x.yz"}), rapid.String())
		object := rapid.MapOf(name, rapid.OneOf(leaf, rapid.Map(rapid.MapOf(name, leaf), func(m map[string]any) any { return m }))).Draw(t, "object")
		raw, err := json.Marshal(object)
		require.NoError(t, err)
		if s.Touches(raw) {
			return
		}
		after, err := json.Marshal(s.Value(object))
		require.NoError(t, err)
		require.Equal(t, string(raw), string(after))
	})
}

// Placeholders of databases, spreadsheets, languages, tools and forms are recognised, in any quotes or brackets.
func TestPlaceholders(t *testing.T) {
	var own *privacy.Placeholders
	for _, typ := range []string{"customerId", "loyaltyId", "deviceId", "anonymousId", "card", "email", "phone"} {
		for _, v := range []string{
			`\N`, `\\N`, `\n`, "NULL", "Null", "(null)", "(NULL)", "[null]", "[NULL]", "<null>", "<NULL>", "{null}", "(nil)", "nil", "<nil>", "None", "none", "undefined",
			"NaN", "nan", "-nan", "NaT", "<NA>", "NA", "na", "N/A", "n/a", "#N/A", "#N/A N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#SPILL!", "#BEZUG!", "#NV",
			"#¡REF!", "#¿NOMBRE?", "Err:502", "[object Object]", "[object Undefined]", "(not set)", "(none)", "(not provided)",
			"(blank)", "Unknown", "anonymous", "guest", "-", "--", "\uFFFD", "\uFFFD\uFFFD",
			"–", "?", "...", "{}", "[]", "()", "_", `""`, `"null"`, "'NULL'", "`nil`", "\u00a0null\u00a0", "\u200bnull", "0", "000000", "-1", "0.0", "true", "FALSE",
			"00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "02:00:00:00:00:00", "9774d56d682e549c", "__HIVE_DEFAULT_PARTITION__", "{{user_id}}",
			"{{ customer.email }}", "${userId}", "%%EMAIL%%", "*|EMAIL|*", "<%= id %>", "[[id]]", "__USER_ID__", "%!s(<nil>)", "0000-00-00", "&nbsp;", "k.A.", "1.#IND",
			// hashes of the empty text, of null and of undefined: MD5, SHA-1, SHA-256, SHA-512, in hexadecimal and Base64
			"d41d8cd98f00b204e9800998ecf8427e", "D41D8CD98F00B204E9800998ECF8427E", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
			"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
			"37a6259cc0c1dae299a7866489dff0bd", "2be88ca4242c76e8253ac62474851065032d6833", "5e543256c480ac577d30f76f9120eb74",
			"74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b", "eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c",
			"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
			// removed values
			"[deleted]", "deleted", "[removed]", "[REDACTED]", "redacted", "<redacted>", "[Filtered]", "Deleted User", "deleted-user",
			// zeros and ones in all forms, empty dates, codes for missing answers, overflowed numbers
			"0.000", "0,0", "+0", "-0", "-0.0", "0e0", "0E+00", "0x0", "0x0000", "\u22120", "\u22121", "00:00:00", "{00000000-0000-0000-0000-000000000000}",
			"urn:uuid:00000000-0000-0000-0000-000000000000", "{FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF}", "ffffffffffffffffffffffffffffffff", "0xFFFFFFFFFFFFFFFF",
			"1900-01-01", "1970-01-01T00:00:00Z", "9999-12-31 23:59:59.999", "0001-01-01T00:00:00+00:00", "-9", "-99", "-999", "-9999", "-99.0", "2147483647", "+inf", "1.#INF",
			// remains of printf and templates
			"%!d(<nil>)", "%!s(MISSING)", "%!v(PANIC=String method: runtime error)", "%!(EXTRA string=x)", "%s", "%d", "%@", "%1$s", "%(user_id)s", "{user_id}", "{userId}", "<user_id>",
			"[user_id]", "%USER_ID%", "$user_id", ":user_id", "{customer.email}", "<your-user-id>", "#{user.id}", "$(id)", "{$user}",
			// joined values, and values with a prefix
			"undefined undefined", "undefinedundefined", "null null", "nullnull", "null,null", "nil,nil", "(None, None)", "[null,null]", "null-undefined", "NaN-NaN", "null::text",
			"user_undefined", "customer:null", "u-null", `{"id":null}`, `{"id": null, "type": ""}`, "[object HTMLInputElement]",
			// forms, shops, logins
			"k. A.", "n/v", "N.V.", "empty", "(empty)", "unset", "<unset>", "not-set", "not_set", "notset", "(notset)", "unavailable", "not-available", "N/D", "Anonymous User",
			"anonymous-user", "anonymous_user", "guest_user", "Guest Checkout", "guestCheckout", "nobody", "xxxx", "XXXXX", "XXX-XX-XXXX", `\N,\N`, `\N|\N`, "unassigned", "$null", "undef", "NoneType", "user-id", "userId", "order_id",
		} {
			require.True(t, own.Has(typ, v), "%s %q", typ, v)
			_, ok := privacy.Normalize(typ, v)
			require.False(t, ok, "%s %q", typ, v)
		}
		require.False(t, own.Has(typ, ""), "what is missing is no word")
		require.False(t, own.Has(typ, " "), "what is empty is no word")
	}
}

// Identifiers that are similar to placeholders are not placeholders.
func TestIdentifiersThatAreNotPlaceholders(t *testing.T) {
	var own *privacy.Placeholders
	for _, v := range []string{"Nan", "Na", "nullify", "null-17", "N1", "-17", "007", "10", "00000000-0000-0000-0000-000000000001", "guest-17", "anonymous7", "#17", "#REF", "c#!", "O'Neil",
		"{17}", "(17)", "[x]", "<x>", "Err:5021", "a", "é", "李", "😀", "$17", "__x__", "idx", "user_id_7", "testing", "1.0", "C-0",
		"99", "999", "-98", "-1234", "guest-4711", "guest 12", "anonymous-4711", "deleted-17", "0x17", "0.01", "1e0", "00a0", "0_o", "f0f0f0f0f0f0", "ffff", "ffffffff",
		"6F9619FF-8B86-D011-B42D-00C04FC964FF", "{6F9619FF-8B86-D011-B42D-00C04FC964FF}", "urn:uuid:6f9619ff-8b86-d011-b42d-00c04fc964ff",
		"d41d8cd98f00b204e9800998ecf8427f", "5f4dcc3b5aa765d61d8327deb882cf99", "ungFVqHWG4kUyBOCiCEFkS7yhtw5gD7ZMBFLeGAZ8AI=", "1900-01-02", "1970-01-01T10:14:00Z",
		"2147483646", "%17", "{x}", "<x17>", "[user_17]", "$user17", "%s17", "{id17}", "nullmann", "Nil Niles", "null and void", "undefined17", "nan-nan-7", "user_17",
		"user_nullmann", "Nana", "emptyset", "unsettled", "k.a.mueller", "N.D. Tyson", "Deleter", "xxx", "Guestrow", `{"id":1}`, "[object 17]", "%!s(int=5)"} {
		require.False(t, own.Has("customerId", v), v)
		n, ok := privacy.Normalize("customerId", v)
		require.True(t, ok, v)
		require.Equal(t, v, n)
	}
	for _, v := range []string{"na@shop.example", "nan@shop.example", "id@shop.example", "nullmann@shop.example", "0@qq.example", "n.a@shop.example",
		"unset@shop.example", "nobody@shop.example", "empty@shop.example", "noemi@shop.example", "nora.reply@shop.example", "norepl@shop.example", "12345+ana@users.noreply.example",
		"nan.nan@shop.example", "null.mann@shop.example", "00ana@shop.example", "na@gmail.example", "undefined17@shop.example", "xxx@shop.example",
		"deleted.scenes@shop.example", "e.mail@shop.example"} {
		_, ok := privacy.Normalize("email", v)
		require.True(t, ok, v)
	}
	for _, v := range []string{"null@shop.example", "undefined@undefined.com", "na@na.com", "none@none", "-@shop.example", "NULL@shop.example", "@",
		"noemail@noemail.com", "no-email@shop.example", "No_Email@shop.example", "noreply@shop.example", "no-reply@shop.example", "No.Reply@shop.example",
		"donotreply@shop.example", "do-not-reply@shop.example", "deleted@shop.example", "redacted@shop.example", "%EMAIL%@x.de", "{email}@x.de", "${email}@x.de",
		"null.null@shop.example", "undefined.undefined@shop.example", "undefined_undefined@shop.example", "00@shop.example", "na@gmail.com", "jXXX@XXXX.com",
		"not.provided@shop.example", "anonymous.user@shop.example", "unset@unset.com"} {
		// in many systems, the address is also the customer id
		for _, typ := range []string{"email", "customerId"} {
			require.True(t, own.Has(typ, v), "%s %q", typ, v)
			_, ok := privacy.Normalize(typ, v)
			require.False(t, ok, v)
		}
		require.True(t, v == "@" || !own.Has("", v), "an id of an event is no address: %s", v)
	}
	for _, v := range []string{"+490000000000", "+19999999999"} {
		_, ok := privacy.Normalize("phone", v)
		require.False(t, ok, v)
	}
}

func TestOwnPlaceholders(t *testing.T) {
	p := privacy.NewPlaceholders([]string{"Walk-In", " 9999999 "})
	for _, v := range []string{"walk-in", "WALK-IN", `"walk-in"`, " Walk-In ", "9999999"} {
		require.True(t, p.Has("customerId", v), v)
	}
	require.True(t, p.Has("customerId", "null"))
	require.False(t, p.Has("customerId", "walk-in-7"))
}

// BenchmarkScrubber measures the check of a typical event in which nothing, or one field, must be replaced.
func BenchmarkScrubber(b *testing.B) {
	h := hasher([]v1alpha1.IdentityType{"email", "phone", "customerId"}, "p")
	order := []byte(`{"order_id":"55871","revenue":119.9,"total":129.9,"currency":"EUR","url":"https://shop.example.test/thanks?order=55871&ref=%2Fcart",` +
		`"title":"Thank you","coupon":"MAY-10","shipping":4.9,"tax":19.15,"campaign":"spring","at":"2026-05-01T10:00:00+02:00"}`)
	for name, c := range map[string]struct {
		hasher *privacy.Hasher
		raw    []byte
	}{"hashes nothing": {nil, order}, "hashes": {h, order}, "changes": {h, append(order[:len(order)-1:len(order)-1], `,"contact":880011}`...)}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := c.hasher.NewScrubber()
				s.Know("customerId", "880011", "880011")
				s.Know("email", "ana@example.test", "ana@example.test")
				s.Know("phone", "+49 151 12345678", "+4915112345678")
				s.Name("Order Completed")
				if s.Touches(c.raw) {
					v, err := value.DecodeDigits(c.raw)
					require.NoError(b, err)
					_, err = value.Encode(s.Value(v))
					require.NoError(b, err)
				}
			}
		})
	}
}

// Placeholders of tills, APIs and other languages are recognised, and similar values are not.
func TestMorePlaceholders(t *testing.T) {
	for _, v := range []string{
		"Walk-in Customer", "walk_in_customer", "Default Customer", "CASH CUSTOMER", "cash sales", "string", "nothing", "020000000000", "AAAAAAAAAAAAAAAAAAAAAA==",
		"okänd", "Desconhecido", "nieznany", "нет данных", "알 수 없음", "غير معروف", "inconnue",
	} {
		require.True(t, privacy.IsPlaceholder("customerId", v), v)
	}
	for _, v := range []string{"walk-in 7", "strings", "aaaaaaaaaaaaaaaaaaaaaa==", "020000000001", "Gast", "999999999", "-2", "cash"} {
		require.False(t, privacy.IsPlaceholder("customerId", v), v)
	}
}
