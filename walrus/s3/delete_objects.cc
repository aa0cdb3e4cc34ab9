// DeleteObjects: up to 1000 keys in one request and one transaction.
#include "walrus/s3/body.h"
#include "walrus/s3/commit.h"
#include "walrus/s3/documents.h"
#include "walrus/s3/replies.h"
#include "walrus/store/objects.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kDocumentBytesMax = 2 * 1024 * 1024;

struct Outcome {
  DeleteRequest::Item item;
  S3Errc error = S3Errc::none;
  std::string message;
};
struct Deleted {
  std::vector<Outcome> outcomes;
  FreedBlobs freed;
};

Result<Outcome> delete_one(Tx& tx, const Access& access, const DeleteRequest::Item& item,
                           FreedBlobs& freed) {
  if (item.key.size() > kKeyBytesMax)
    return Outcome{item, S3Errc::key_too_long, "Your key is too long"};
  if (!item.version_id.empty() && item.version_id != "null")
    return Outcome{item, S3Errc::no_such_version, "The specified version does not exist."};
  if (!item.etag.empty()) {
    TRY(const auto there, Objects(tx).find_if_there(access.bucket, item.key));
    if (there && !names_etag(item.etag, there->etag))
      return Outcome{item, S3Errc::precondition_failed,
                     "At least one of the pre-conditions you specified did not hold"};
  }
  TRY_VOID(Objects(tx).remove(access.bucket, item.key, freed));
  return Outcome{item, S3Errc::none, {}};
}

Result<Deleted> delete_all(Tx& tx, const Access& access, const DeleteRequest& request) {
  Deleted deleted;
  TRY(const auto bucket, find_bucket_unchecked(tx, access));
  for (const auto& item : request.items) {
    const auto allowed = may(access.about(access.action, item.key), bucket, Permission::write);
    if (!allowed) {
      deleted.outcomes.push_back({item, S3Errc::access_denied, allowed.error().message});
      continue;
    }
    TRY(auto outcome, delete_one(tx, access, item, deleted.freed));
    deleted.outcomes.push_back(std::move(outcome));
  }
  return deleted;
}

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY(const auto document, co_await read_xml(call, kDocumentBytesMax));
  CO_TRY(const auto request, parse_delete(document));
  const Access access(call);
  auto write = [access, request](Tx& tx) { return delete_all(tx, access, request); };
  CO_TRY(auto deleted, co_await s.db.write(std::move(write)));
  discard_blobs(s, std::move(deleted.freed));
  auto writer = start_xml("DeleteResult");
  for (const auto& outcome : deleted.outcomes) {
    const bool failed = outcome.error != S3Errc::none;
    if (!failed && request.quiet) continue;
    writer.open(failed ? "Error" : "Deleted").element("Key", outcome.item.key);
    if (!outcome.item.version_id.empty()) writer.element("VersionId", outcome.item.version_id);
    if (failed)
      writer.element("Code", to_string(outcome.error)).element("Message", outcome.message);
    writer.close();
  }
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation DeleteObjects{.name = "DeleteObjects",
                                       .method = "POST",
                                       .resource = Resource::bucket,
                                       .permission = "s3:DeleteObject",
                                       .selector = "delete",
                                       .run = run};

}  // namespace angophora::walrus
