// DeleteObjects: up to 1000 keys in one request and one transaction.
#include "walrus/s3/body.h"
#include "walrus/s3/commit.h"
#include "walrus/s3/deletion.h"
#include "walrus/s3/documents.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::delete_objects {
namespace {

constexpr std::size_t kDocumentBytesMax = 2 * 1024 * 1024;

struct Outcome {
  DeleteRequest::Item item;
  Deleted deleted = {};
  S3Errc error = S3Errc::none;
  std::string message = {};
};
struct AllDeleted {
  std::vector<Outcome> outcomes;
  FreedBlobs freed;
};
// What is the same for each key.
struct Wish {
  Access access;
  DeleteRequest request;
  Deletion common;
  std::vector<std::string> new_ids;  // one for each item
};

// Refusals of one key are told beside the others; what is our own failure ends all.
Result<Outcome> delete_one(Tx& tx, const Wish& wish, const Bucket& bucket, std::size_t index,
                           FreedBlobs& freed) {
  const auto& item = wish.request.items[index];
  if (item.key.size() > kKeyBytesMax)
    return Outcome{item, {}, S3Errc::key_too_long, "Your key is too long"};
  auto deletion = wish.common;
  deletion.key = item.key;
  deletion.version = item.version_id;
  deletion.conditions = item.conditions;
  deletion.new_id = wish.new_ids[index];
  const auto action = item.version_id.empty() ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
  const auto allowed = may(wish.access.about(action, item.key), bucket, Permission::write);
  if (!allowed) return Outcome{item, {}, S3Errc::access_denied, allowed.error().message};
  if (deletion.bypasses_governance)
    deletion.bypasses_governance =
        may(wish.access.about("s3:BypassGovernanceRetention", item.key), bucket, std::nullopt)
            .has_value();
  auto deleted = remove_object(tx, bucket, deletion, freed);
  if (deleted) return Outcome{item, std::move(deleted).assume_value()};
  const auto code = s3_error_of(deleted.error());
  if (code == S3Errc::internal_error) return std::move(deleted).assume_error();
  return Outcome{item, {}, code, deleted.error().message};
}

Result<AllDeleted> delete_all(Tx& tx, const Wish& wish) {
  AllDeleted all;
  TRY(const auto bucket, find_bucket_unchecked(tx, wish.access));
  for (std::size_t i = 0; i < wish.request.items.size(); ++i) {
    TRY(auto outcome, delete_one(tx, wish, bucket, i, all.freed));
    all.outcomes.push_back(std::move(outcome));
  }
  return all;
}

void write_outcome(xml::Writer& writer, const Outcome& outcome) {
  const bool failed = outcome.error != S3Errc::none;
  writer.open(failed ? "Error" : "Deleted").element("Key", outcome.item.key);
  if (!outcome.item.version_id.empty()) writer.element("VersionId", outcome.item.version_id);
  if (failed) writer.element("Code", to_string(outcome.error)).element("Message", outcome.message);
  if (outcome.deleted.delete_marker)
    writer.element("DeleteMarker", true).element("DeleteMarkerVersionId", outcome.deleted.version);
  writer.close();
}

Task<http::Response> run(Services& s, S3Call& call) {
  Wish wish{Access(call), {}, {}, {}};
  CO_TRY(const auto document, co_await read_xml(call, kDocumentBytesMax));
  CO_TRY(wish.request, parse_delete(document));
  wish.common.bypasses_governance = wants_bypass(call);
  wish.common.owner = call.caller.canonical_id;
  wish.common.now = s.runtime.now();
  for (std::size_t i = 0; i < wish.request.items.size(); ++i)
    wish.new_ids.push_back(s.runtime.random_hex(32));
  auto write = [wish](Tx& tx) { return delete_all(tx, wish); };
  CO_TRY(auto all, co_await s.db.write(std::move(write)));
  discard_blobs(s, std::move(all.freed));
  auto writer = start_xml("DeleteResult");
  if (call.is_logged)
    for (const auto& item : wish.request.items)
      call.keys_of_many.emplace_back(item.key, item.version_id);
  for (const auto& outcome : all.outcomes)
    if (outcome.error != S3Errc::none || !wish.request.quiet) write_outcome(writer, outcome);
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation DeleteObjects{.name = "DeleteObjects",
                                       .method = "POST",
                                       .resource = Resource::bucket,
                                       .permission = "s3:DeleteObject",
                                       .selector = "delete",
                                       .run = run};

}  // namespace angophora::walrus::delete_objects
