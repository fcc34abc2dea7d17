// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// SQLTransport reads the rows of a table, a view or a query of a database, in the order of a version column, and asks for new ones again and again.
//
// +kubebuilder:validation:XValidation:rule="has(self.table) != has(self.query)",message="set exactly one of table and query"
// +kubebuilder:validation:XValidation:rule="!has(self.columns) || has(self.table)",message="remove columns: the query says which columns it returns"
// +kubebuilder:validation:XValidation:rule="!has(self.columns) || self.versionColumn in self.columns && self.keyColumns.all(k, k in self.columns)",message="columns must contain versionColumn and keyColumns"
// +kubebuilder:validation:XValidation:rule="!has(self.tls) || !has(self.unencrypted)",message="set at most one of tls and unencrypted"
// +kubebuilder:validation:XValidation:rule="!has(self.overlap) || !has(self.overlapValues)",message="set at most one of overlap, for times, and overlapValues, for integers"
type SQLTransport struct {
	// engine of the database: PostgreSQL or MariaDB.
	// +required
	Engine SQLEngine `json:"engine,omitempty"`

	// address of the server, as host:port.
	// +required
	Address BrokerAddress `json:"address,omitempty"`

	// database to connect to.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Database string `json:"database,omitempty"`

	// auth is the user of the pods, who needs permission to read only.
	// +required
	Auth SQLAuth `json:"auth,omitzero"`

	// tls configures TLS, by which the pods always connect, unless "unencrypted" is set. Default: the server's certificate is verified with the usual
	// public authorities, for the host of the address.
	// +optional
	TLS *ClientTLS `json:"tls,omitempty"`

	// unencrypted makes the pods connect without TLS: whoever can listen on the network sees the rows. Default: TLS.
	// +optional
	Unencrypted *Unencrypted `json:"unencrypted,omitempty"`

	// table or view to read, as NAME or SCHEMA.NAME. Upper and lower case are as in the database. Default: query.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=129
	// +kubebuilder:validation:Pattern=`^[^.?]+(\.[^.?]+)?$`
	Table string `json:"table,omitempty"`

	// columns of the table to read, including versionColumn and keyColumns. Default: all.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=200
	Columns []SQLColumn `json:"columns,omitempty"`

	// query is a SELECT statement whose rows are read, without ORDER BY, LIMIT and a semicolon at the end. It runs in a read-only transaction. Default:
	// table.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=8192
	Query string `json:"query,omitempty"`

	// versionColumn is a time or an integer that grows whenever a row is added or changed, such as updated_at. Rows are read in its order. An index on it
	// and keyColumns makes that fast.
	// +required
	VersionColumn SQLColumn `json:"versionColumn,omitempty"`

	// keyColumns identify a row, such as the primary key. Key and version together are the id of an event, unless a rule sets one.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	KeyColumns []SQLColumn `json:"keyColumns,omitempty"`

	// timeZone of times that have none in the database, as an IANA name such as Europe/Berlin. Default: UTC.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$`
	TimeZone string `json:"timeZone,omitempty"`

	// overlap is how much of the newest versions is read again each time, because rows become visible when their transaction commits, which can be after
	// later versions were read. Set it to more than the longest transaction that writes. Default for times: 1m.
	// +optional
	Overlap Duration `json:"overlap,omitempty"`

	// overlapValues is the same for a version that is an integer: how many values before the newest are read again. Default for integers: 10000.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000000
	OverlapValues *int64 `json:"overlapValues,omitempty"`

	// start is where a source begins that never read the table: All rows, or New ones, with a later version than the newest at that time. Default: All.
	// +optional
	Start SQLStart `json:"start,omitempty"`

	// pollEvery is the time between two questions for new rows. Default: 10s.
	// +optional
	PollEvery Duration `json:"pollEvery,omitempty"`

	// statementTimeout limits each statement, at the server. Default: 30s.
	// +optional
	StatementTimeout Duration `json:"statementTimeout,omitempty"`
}

// SQLEngine is a database system.
//
// +kubebuilder:validation:Enum=PostgreSQL;MariaDB
type SQLEngine string

// Values of engine.
const (
	// SQLPostgres is PostgreSQL, or a database that speaks its protocol.
	SQLPostgres SQLEngine = "PostgreSQL"
	// SQLMariaDB is MariaDB.
	SQLMariaDB SQLEngine = "MariaDB"
)

// SQLColumn is the name of a column. Upper and lower case are as in the database.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
type SQLColumn string

// SQLStart is where to begin.
//
// +kubebuilder:validation:Enum=All;New
type SQLStart string

// Values of start.
const (
	// SQLAll begins with the lowest version.
	SQLAll SQLStart = "All"
	// SQLNew begins after the highest version.
	SQLNew SQLStart = "New"
)

// Unencrypted has no settings: connections are made without TLS.
type Unencrypted struct{}

// SQLAuth is a user of a database.
//
// +kubebuilder:validation:XValidation:rule="has(self.username) != has(self.usernameSecretRef)",message="set exactly one of username and usernameSecretRef"
type SQLAuth struct {
	// username of the pods. Default: usernameSecretRef.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Username string `json:"username,omitempty"`

	// usernameSecretRef refers to the name of the user. Only the first line is used. Default: username.
	// +optional
	UsernameSecretRef *SecretKeyReference `json:"usernameSecretRef,omitempty"`

	// passwordSecretRef refers to the password. Only the first line is used. The pods use a new password without a restart. Default: none; the
	// certificate of tls authenticates the pods.
	// +optional
	PasswordSecretRef *SecretKeyReference `json:"passwordSecretRef,omitempty"`
}
