// AdmitImage: finds a bundle's manifest and parts, checks that the account may read them, and from
// then on serves the parts to nodes as long as they stay what they were.
#include <unistd.h>

#include <cerrno>

#include "common/log/log.h"
#include "common/xml/reader.h"
#include "walrus/operations/operations.h"
#include "walrus/s3/content.h"
#include "walrus/store/buckets.h"
#include "walrus/store/images.h"
#include "walrus/store/objects.h"

namespace angophora::walrus {
namespace {

using AdmitImage = soap::walrus::AdmitImage;
using common::Errc;

constexpr std::uint64_t kManifestBytesMax = 4 << 20;
constexpr std::size_t kPartsMax = 10000;

std::string place(const std::string& bucket, const std::string& key) { return bucket + "/" + key; }

// The object, when the account may use it as (a part of) an image.
Result<Object> find_for_image(Tx& tx, const std::string& bucket, const std::string& key,
                              const Asker& asker) {
  auto there = Buckets(tx).find(bucket);
  if (!there && there.error().code == S3Errc::no_such_bucket)
    return Error(Errc::not_found, "the bucket " + bucket + " does not exist");
  if (!there) return std::move(there).assume_error();
  TRY(auto object, Objects(tx).find_if_there(bucket, key));
  if (!object)
    return Error(Errc::not_found, "the object " + place(bucket, key) + " does not exist");
  if (!allows_image_read(object->acl, asker))
    return Error(Errc::permission_denied,
                 "the account may not read the object " + place(bucket, key));
  if (!object->encryption.empty())
    return Error(
        Errc::invalid_argument,
        "the object " + place(bucket, key) +
            " is encrypted by the store, which images must not be: they are by themselves");
  return std::move(*object);
}

Result<std::string> read_all(const Services& s, const OpenObject& open) {
  if (open.bytes) return *open.bytes;
  return read_segment(s.blobs, *s.verifier, open.content.at(0), {});
}

Task<std::string> read_manifest(Services& s, std::string bucket, std::string key, Asker asker) {
  FindObject find = [bucket, key, asker](Tx& tx) -> Result<Object> {
    TRY(auto object, find_for_image(tx, bucket, key, asker));
    if (object.size_bytes == 0 || object.size_bytes > kManifestBytesMax ||
        object.content.size() != 1)
      return Error(Errc::invalid_argument, "the object " + place(bucket, key) +
                                               " is not a manifest: its size is " +
                                               std::to_string(object.size_bytes) + " bytes");
    return object;
  };
  CO_TRY(auto open, co_await open_object(s, std::move(find)));
  auto work = [&s, open = std::move(open)] { return read_all(s, open); };
  co_return co_await s.runtime.run_blocking(std::move(work));
}

// The names of the parts, in their order, beside the manifest.
Result<std::vector<std::string>> part_keys(const std::string& manifest,
                                           const std::string& manifest_key) {
  const Error unreadable(Errc::invalid_argument,
                         "the manifest " + manifest_key + " does not name its parts");
  const auto root = xml::read(manifest);
  if (!root) return unreadable;
  const auto* parts = root.value().find("image/parts");
  if (!parts) return unreadable;
  const auto folder = manifest_key.substr(0, manifest_key.rfind('/') + 1);
  std::vector<std::string> keys;
  for (const auto* part : parts->children_named("part")) {
    const auto name = part->text_of("filename");
    if (name.empty() || name.find('/') != std::string::npos) return unreadable;
    keys.push_back(folder + name);
  }
  if (keys.empty() || keys.size() > kPartsMax) return unreadable;
  return keys;
}

Result<AdmittedImage> admit(Tx& tx, AdmittedImage image, const std::vector<std::string>& keys,
                            const Asker& asker) {
  for (const auto& key : keys) {
    TRY(const auto object, find_for_image(tx, image.bucket, key, asker));
    image.parts.push_back(
        {static_cast<int>(image.parts.size()), key, object.etag, object.size_bytes});
  }
  TRY_VOID(Images(tx).put(image));
  return image;
}

}  // namespace

Task<AdmitImage::Reply> admit_image(OperationServices& services, soap::Caller caller,
                                    AdmitImage::Request request) {
  auto& s = services.s3;
  AdmittedImage image;
  image.id = common::ImageId(request.imageId);
  image.account = common::AccountId(request.accountId);
  image.bucket = request.bucket;
  image.admitted = s.runtime.now();
  const auto identities = s.identities.identities();
  const auto* account = identities->account(image.account);
  if (!account)
    co_return Error(Errc::unavailable,
                    "the account " + request.accountId + " is not known to the object store yet");
  const Asker asker{account->canonical_id};
  AdmitImage::Reply reply;
  CO_TRY(reply.manifest, co_await read_manifest(s, request.bucket, request.manifestKey, asker));
  CO_TRY(const auto keys, part_keys(reply.manifest, request.manifestKey));
  auto write = [image, keys, asker](Tx& tx) { return admit(tx, image, keys, asker); };
  CO_TRY(const auto admitted, co_await s.db.write(std::move(write)));
  for (const auto& part : admitted.parts) {
    auto& listed = reply.parts.emplace_back();
    listed.key = part.key;
    listed.sizeBytes = static_cast<std::int64_t>(part.size_bytes);
  }
  log::info("image.admitted", {{"request_id", caller.request_id},
                               {"image", image.id},
                               {"account", image.account},
                               {"manifest", place(image.bucket, request.manifestKey)},
                               {"parts", admitted.parts.size()}});
  co_return reply;
}

}  // namespace angophora::walrus
