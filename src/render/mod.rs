//! What people and programs get to see: text, Markdown, JSON, SARIF, pages and annotations, made from the domain's types.
//!
//! Everything that is shown passes through one redaction first ([`Redaction`]). This room writes to no terminal and
//! decides nothing; it turns values into strings.

mod adopt_text;
mod annotation;
mod comment;
mod content_words;
mod diff_text;
mod drift_json;
mod drift_markdown;
mod drift_text;
mod drift_words;
mod event_json;
mod explain_json;
mod explain_text;
mod explain_words;
mod html;
mod import_text;
mod json;
mod look_alike;
mod markdown;
mod operation;
mod palette;
mod plan_markdown;
mod plan_text;
mod redaction;
mod remedy;
mod result_text;
mod run_markdown;
mod safe;
mod sarif;
mod status_text;
mod submissions_text;
mod validate_json;
mod value_text;
mod word_changes;
mod words;

pub use adopt_text::{AdoptReport, adopt_json, adopt_summary, adopt_text, file_diff};
pub use annotation::{Runner, annotations};
pub use comment::{CommentId, InvalidCommentId, InvalidMarkdownLimit, MarkdownLimit};
pub use diff_text::{Compared, Side, diff_json, diff_text};
pub use drift_json::drift_json;
pub use drift_markdown::drift_markdown;
pub use drift_text::drift_text;
pub use drift_words::summary_line as drift_summary_line;
pub use event_json::{EventLine, RunEvent};
pub use explain_json::explain_json;
pub use explain_text::explain_text;
pub use html::{Album, drift_page, plan_page};
pub use import_text::{ImportOutcome, ImportReport, import_json, import_summary, import_text};
pub use json::{ApplyFile, ApplySummary, OfferResult, ResumeFile, plan_digest, plan_json, status_json};
pub use operation::{
    Ending, OfferOperation, operation_json, operation_result, operation_summary_line, operation_text, unfinished_text,
};
pub use palette::Palette;
pub use plan_markdown::{plan_markdown, unmade_plan_markdown};
pub use plan_text::{deleted_sentence, place as field_name, plan_text, summary_line, unchanged_line};
pub use redaction::Redaction;
pub use remedy::{Remedy, TracedComplaint};
pub use result_text::{event_line, outcome_text};
pub use run_markdown::{RunRow, error_markdown, run_markdown, validate_markdown};
pub use safe::{Escapes, Layout, guarded, json_text, single_line, write_json};
pub use sarif::sarif;
pub use status_text::{OfferStanding, list_text, status_text};
pub use submissions_text::{submissions_json, submissions_text};
pub use validate_json::{OneByOne, ValidateFile};
pub use value_text::counted;
