// DeleteObject: gone, or never there, is the same answer. Where versioning is on, a delete marker
// hides what is there unless the request names a version.
#include "common/base/text.h"
#include "walrus/s3/commit.h"
#include "walrus/s3/deletion.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::delete_object {
namespace {

// If-Match, x-amz-if-match-size and -last-modified-time.
Result<DeleteConditions> delete_conditions_of(const S3Call& call) {
  DeleteConditions conditions;
  conditions.etag = call.header("if-match");
  if (call.has_header("x-amz-if-match-size")) {
    conditions.size_bytes = common::parse_number<std::uint64_t>(call.header("x-amz-if-match-size"));
    if (!conditions.size_bytes)
      return Error(S3Errc::invalid_argument, "x-amz-if-match-size is not a number");
  }
  if (call.has_header("x-amz-if-match-last-modified-time")) {
    const auto text = call.header("x-amz-if-match-last-modified-time");
    conditions.changed = common::parse_http_date(text);
    if (!conditions.changed) conditions.changed = common::parse_iso8601(text);
    if (!conditions.changed)
      return Error(S3Errc::invalid_argument, "x-amz-if-match-last-modified-time is no date");
  }
  return conditions;
}

struct Outcome {
  Deleted deleted;
  FreedBlobs freed;
};

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  Deletion deletion;
  deletion.key = access.key;
  deletion.version = access.version;
  CO_TRY(deletion.conditions, delete_conditions_of(call));
  deletion.bypasses_governance = wants_bypass(call);
  deletion.new_id = s.runtime.random_hex(32);
  deletion.owner = call.caller.canonical_id;
  deletion.now = s.runtime.now();
  auto remove = [access, deletion](Tx& tx) -> Result<Outcome> {
    TRY(const auto bucket, find_bucket(tx, access, Permission::write));
    if (deletion.bypasses_governance)
      TRY_VOID(may(access.about("s3:BypassGovernanceRetention", access.key), bucket, std::nullopt));
    Outcome outcome;
    TRY(outcome.deleted, remove_object(tx, bucket, deletion, outcome.freed));
    return outcome;
  };
  CO_TRY(auto outcome, co_await s.db.write(std::move(remove)));
  discard_blobs(s, std::move(outcome.freed));
  auto response = empty_reply(204);
  if (outcome.deleted.delete_marker) response.headers.add("x-amz-delete-marker", "true");
  if (!outcome.deleted.version.empty())
    response.headers.add("x-amz-version-id", outcome.deleted.version);
  co_return response;
}

}  // namespace

extern const S3Operation DeleteObject{.name = "DeleteObject",
                                      .method = "DELETE",
                                      .resource = Resource::object,
                                      .permission = "s3:DeleteObject",
                                      .run = run};

}  // namespace angophora::walrus::delete_object
