#include "nc/metadata/identity.h"

#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "common/base/encoding.h"
#include "common/crypto/cms.h"
#include "nc/metadata/tree.h"

namespace angophora::nc {
namespace {

namespace json = boost::json;

std::string in_lines(std::string_view bytes) {
  const auto text = common::base64_encode(bytes);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 64) {
    if (at > 0) out += '\n';
    out += text.substr(at, 64);
  }
  return out;
}

std::string quoted(const std::string& text) { return json::serialize(json::string(text)); }

std::string image_or_null(const std::optional<ImageRef>& image) {
  return image ? quoted(image->id.value) : "null";
}

}  // namespace

std::string identity_document(const InstanceSpec& spec, const MetadataFacts& facts) {
  const std::vector<std::pair<std::string, std::string>> members{
      {"accountId", quoted(spec.account_id.value)},
      {"architecture", quoted(facts.architecture)},
      {"availabilityZone", quoted(spec.zone)},
      {"billingProducts", "null"},
      {"devpayProductCodes", "null"},
      {"marketplaceProductCodes", "null"},
      {"imageId", quoted(spec.machine_image.id.value)},
      {"instanceId", quoted(spec.id.value)},
      {"instanceType", quoted(spec.type.name)},
      {"kernelId", image_or_null(spec.kernel_image)},
      {"pendingTime", quoted(common::format_iso8601(spec.launch_time))},
      {"privateIp", quoted(spec.net.private_ip)},
      {"ramdiskId", image_or_null(spec.ramdisk_image)},
      {"region", quoted(facts.region)},
      {"version", "\"2017-09-30\""},
  };
  std::string out = "{";
  for (const auto& [name, value] : members)
    out += std::string(out.size() > 1 ? "," : "") + "\n  \"" + name + "\" : " + value;
  return out + "\n}";
}

IdentitySigner identity_signer(crypto::PrivateKey key, crypto::Certificate certificate) {
  return [key = std::move(key), certificate = std::move(certificate)](
             std::string document) -> common::Result<SignedIdentity> {
    TRY(const auto signature, key.sign(crypto::SignatureHash::sha256, document));
    TRY(const auto cms, crypto::cms_sign(document, key, certificate, crypto::CmsContent::attached));
    return SignedIdentity{std::move(document), in_lines(signature), in_lines(cms)};
  };
}

}  // namespace angophora::nc
