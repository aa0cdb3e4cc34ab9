// CompleteMultipartUpload: the parts become the object in one transaction; no byte is copied.
#include <limits>
#include <map>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "walrus/s3/body.h"
#include "walrus/s3/commit.h"
#include "walrus/s3/destination.h"
#include "walrus/s3/documents.h"
#include "walrus/s3/encryption.h"
#include "walrus/s3/multipart.h"
#include "walrus/s3/replies.h"
#include "walrus/store/objects.h"

namespace angophora::walrus::complete_multipart_upload {
namespace {

constexpr std::size_t kDocumentBytesMax = 4 * 1024 * 1024;

struct Wish {
  Access access;
  std::string upload_id;
  CompleteRequest request;
  WriteConditions conditions;
  std::string checksum;                     // of the whole, as the client knows it
  std::optional<std::uint64_t> size_bytes;  // of the whole
  common::SysTime now{};
  std::string new_id;  // of the version that it becomes
};
struct Completed {
  Object object;
  FreedBlobs freed;
};

Error invalid_part(int number) {
  return Error(S3Errc::invalid_part,
               "One or more of the specified parts could not be found. The part may not have been "
               "uploaded, or the specified entity tag may not match the part's entity tag. Part " +
                   std::to_string(number) + ".");
}

// The parts that the client lists, in order.
Result<std::vector<Part>> choose(const CompleteRequest& request, const std::vector<Part>& all) {
  std::map<int, const Part*> by_number;
  for (const auto& part : all) by_number[part.number] = &part;
  std::vector<Part> chosen;
  for (const auto& item : request.items) {
    const auto found = by_number.find(item.number);
    if (found == by_number.end() || found->second->etag != item.etag)
      return invalid_part(item.number);
    const auto& part = *found->second;
    if (item.checksum && part.checksum && item.checksum->kind == part.checksum->kind &&
        item.checksum->value != part.checksum->value)
      return invalid_part(item.number);
    chosen.push_back(part);
  }
  for (std::size_t i = 0; i + 1 < chosen.size(); ++i)
    if (chosen[i].size_bytes < kPartBytesMin)
      return Error(S3Errc::entity_too_small,
                   "Your proposed upload is smaller than the minimum allowed size");
  return chosen;
}

// The number of parts behind a composite one may be left out.
bool is_same_checksum(const std::string& sent, const StoredChecksum& computed) {
  if (sent == computed.value) return true;
  return computed.composite && sent == computed.value.substr(0, computed.value.rfind('-'));
}

Result<Object> object_of(const Upload& upload, const std::vector<Part>& parts, const Wish& wish) {
  Object object;
  object.bucket = upload.bucket;
  object.key = upload.key;
  object.acl = upload.acl;
  object.headers = upload.headers;
  object.changed = wish.now;
  object.storage_class = upload.storage_class;
  object.tags = upload.tags;
  object.retention = upload.retention;
  object.legal_hold = upload.legal_hold;
  object.encryption = upload.encryption;
  object.upload = upload.id;
  std::string digests;
  for (const auto& part : parts) {
    digests += *common::hex_decode(part.etag);
    object.size_bytes += part.size_bytes;
    object.parts.push_back(
        {part.size_bytes, part.number, part.checksum ? part.checksum->value : std::string()});
    object.content.insert(object.content.end(), part.content.begin(), part.content.end());
  }
  object.etag = common::hex_encode(crypto::md5(digests)) + "-" + std::to_string(parts.size());
  TRY(object.checksum, checksum_of_parts(upload, parts));
  if (wish.size_bytes && *wish.size_bytes != object.size_bytes)
    return Error(S3Errc::invalid_request,
                 "The provided 'x-amz-mp-object-size' header does not match what was computed.");
  if (!wish.checksum.empty() && object.checksum &&
      !is_same_checksum(wish.checksum, *object.checksum))
    return Error(S3Errc::bad_digest,
                 "The checksum you specified did not match the calculated one.");
  return object;
}

// The object when it was completed from that upload already: the same request again, perhaps
// because its answer was lost.
Result<std::optional<Object>> completed_before(Tx& tx, const Wish& wish) {
  TRY_VOID(find_bucket(tx, wish.access, Permission::write));
  TRY(auto there, Objects(tx).find_if_there(wish.access.bucket, wish.access.key));
  if (!there || wish.upload_id.empty() || there->upload != wish.upload_id) there.reset();
  return there;
}

Result<Completed> complete(Tx& tx, const Wish& wish) {
  Completed done;
  TRY(auto before, completed_before(tx, wish));
  if (before) {
    done.object = std::move(*before);
    return done;
  }
  TRY(const auto upload, find_upload(tx, wish.access, wish.upload_id));
  TRY(const auto there, Objects(tx).find_if_there(upload.bucket, upload.key));
  TRY_VOID(wish.conditions.judge(there));
  TRY(const auto all, Uploads(tx).parts(upload, 0, std::numeric_limits<std::int32_t>::max()));
  TRY(const auto parts, choose(wish.request, all));
  TRY(done.object, object_of(upload, parts, wish));
  TRY(const auto bucket, find_bucket_unchecked(tx, wish.access));
  done.object.version = version_in(bucket, wish.new_id);
  TRY_VOID(Blobs(tx).refer(done.object.content, false));
  TRY_VOID(Uploads(tx).remove(upload, done.freed));
  TRY_VOID(Objects(tx).put(done.object, done.freed));
  return done;
}

Task<http::Response> run(Services& s, S3Call& call) {
  Wish wish{
      Access(call), call.parameter_or_empty("uploadId"), {}, WriteConditions(call), {}, {}, {}, {}};
  auto find = [wish](Tx& tx) -> Result<> {
    TRY(const auto before, completed_before(tx, wish));
    if (!before) TRY_VOID(find_upload(tx, wish.access, wish.upload_id));
    return common::ok();
  };
  CO_TRY_VOID(co_await s.db.read(std::move(find)));
  CO_TRY(const auto document, co_await read_xml(call, kDocumentBytesMax, ChecksumOf::object));
  CO_TRY(wish.request, parse_complete(document));
  wish.now = s.runtime.now();
  wish.new_id = s.runtime.random_hex(32);
  wish.size_bytes = common::parse_number<std::uint64_t>(call.header("x-amz-mp-object-size"));
  for (const auto kind : kChecksumKinds)
    if (const auto sent = call.header(header_of(kind)); !sent.empty()) wish.checksum = sent;
  auto write = [wish](Tx& tx) { return complete(tx, wish); };
  CO_TRY(auto done, co_await s.db.write(std::move(write)));
  discard_blobs(s, std::move(done.freed));
  auto writer = start_xml("CompleteMultipartUploadResult");
  const auto host = std::string(call.header("host"));
  writer.element("Location", (call.http.peer.tls ? "https://" : "http://") + host + "/" +
                                 wish.access.bucket + "/" +
                                 common::percent_encode(wish.access.key, true));
  writer.element("Bucket", wish.access.bucket).element("Key", wish.access.key);
  writer.element("ETag", quoted_etag(done.object.etag));
  if (const auto& c = done.object.checksum)
    writer.element(element_of(c->kind), c->value)
        .element("ChecksumType", c->composite ? "COMPOSITE" : "FULL_OBJECT");
  auto response = xml_reply(std::move(writer));
  add_version_header(done.object, response.headers);
  CO_TRY_VOID(add_encryption_headers(done.object.encryption, response.headers));
  co_return response;
}

}  // namespace

extern const S3Operation CompleteMultipartUpload{.name = "CompleteMultipartUpload",
                                                 .method = "POST",
                                                 .resource = Resource::object,
                                                 .permission = "s3:PutObject",
                                                 .selector = "uploadId",
                                                 .run = run};

}  // namespace angophora::walrus::complete_multipart_upload
