// GetImageKey: what a node needs to open an image, for the node that holds the placement of an
// instance that uses it and for nobody else. The key is wrapped for that node's own certificate.
#include "clc/domain/image_key_opener.h"
#include "clc/instance_services.h"
#include "clc/operations/operations.h"
#include "clc/store/images.h"
#include "clc/store/instances.h"
#include "clc/store/registrations.h"
#include "common/crypto/x509.h"
#include "common/log/log.h"

namespace angophora::clc::operations {
namespace {

struct Granted {
  Image image;
  std::string encryption_certificate;  // of the node, DER
};

bool holds(const Instance& instance, const soap::Caller& node, std::int64_t placement_no,
           const ImageId& image) {
  const bool alive =
      instance.state == InstanceState::pending || instance.state == InstanceState::running;
  return alive && instance.node.value == node.name.value && instance.placement_no == placement_no &&
         (instance.image == image || instance.kernel == image || instance.ramdisk == image);
}

Result<Granted> grant(Tx& tx, const soap::Caller& node, const InstanceId& id,
                      std::int64_t placement_no, const ImageId& image_id) {
  TRY(const auto instance, Instances(tx).find(id));
  if (!instance || !holds(*instance, node, placement_no, image_id))
    return Error(common::Errc::permission_denied,
                 "node " + node.name.value + " does not hold placement " +
                     std::to_string(placement_no) + " of " + id.value + " with " + image_id.value);
  TRY(auto image, Images(tx).find(image_id));
  if (!image)
    return Error(common::Errc::not_found, "the image " + image_id.value + " does not exist");
  TRY(const auto service, Registrations(tx).get(node.name));
  return Granted{std::move(*image), service.encryption_certificate};
}

struct Wrapped {
  std::string key;
  std::string iv;
};

Result<Wrapped> wrap(const ImageKey& key, const std::string& certificate_der) {
  TRY(const auto certificate, crypto::Certificate::from_der(certificate_der));
  const auto node_key = certificate.public_key();
  Wrapped wrapped;
  TRY(wrapped.key, node_key.encrypt_oaep(key.key));
  TRY(wrapped.iv, node_key.encrypt_oaep(key.iv));
  return wrapped;
}

}  // namespace

Task<soap::cloud::GetImageKey::Reply> get_image_key(Context& context, soap::Caller caller,
                                                    soap::cloud::GetImageKey::Request request) {
  auto& s = context.services;
  const InstanceId instance(request.instanceId);
  const ImageId image(request.imageId);
  const auto find = [caller, instance, placement_no = request.placementNo, image](Tx& tx) {
    return grant(tx, caller, instance, placement_no, image);
  };
  CO_TRY(auto granted, co_await s.db.read(find));
  auto sealed = granted.image.sealed_key;
  CO_TRY(auto key, co_await s.cloud->image_keys.open(std::move(sealed), caller.name.value));
  auto wrap_it = [key = std::move(key), certificate = granted.encryption_certificate] {
    return wrap(key, certificate);
  };
  CO_TRY(auto wrapped, co_await s.runtime.run_blocking(std::move(wrap_it)));
  log::info("image.key_given", {{"request_id", caller.request_id},
                                {"node", caller.name},
                                {"instance", instance},
                                {"placement", request.placementNo},
                                {"image", image}});
  soap::cloud::GetImageKey::Reply reply;
  reply.wrappedKey = std::move(wrapped.key);
  reply.wrappedIv = std::move(wrapped.iv);
  reply.sha1 = granted.image.sha1;
  reply.sizeBytes = granted.image.bytes;
  reply.bundledSizeBytes = granted.image.bundled_bytes;
  int index = 0;
  for (const auto& part : granted.image.parts) {
    cloud__imagePart wire;
    wire.index = index++;
    wire.sha1 = part.sha1;
    wire.sizeBytes = part.bytes;
    reply.parts.push_back(std::move(wire));
  }
  co_return reply;
}

}  // namespace angophora::clc::operations
