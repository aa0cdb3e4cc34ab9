#include "clc/testing/samples/sample_bundle.h"

#include "common/base/encoding.h"

namespace angophora::clc::testing {
namespace {

const std::string kDigest =
    "<digest algorithm=\"SHA1\">da39a3ee5e6b4b0d3255bfef95601890afd80709</digest>";

std::string element(const std::string& name, const std::string& text) {
  return "<" + name + ">" + text + "</" + name + ">";
}

std::string sealed(const crypto::PrivateKey& key, const std::string& hex) {
  return common::hex_encode(key.public_key().encrypt_pkcs1v15(hex).value());
}

std::string machine_configuration(const SampleBundle& bundle) {
  std::string inside = element("architecture", bundle.architecture);
  if (!bundle.kernel_id.empty()) inside += element("kernel_id", bundle.kernel_id);
  if (!bundle.ramdisk_id.empty()) inside += element("ramdisk_id", bundle.ramdisk_id);
  return element("machine_configuration", inside);
}

std::string image(const SampleBundle& bundle) {
  const auto& keys = sample_keys();
  std::string parts;
  int bytes = 0, index = 0;
  for (const auto& [file, size] : bundle.parts) {
    parts += "<part index=\"" + std::to_string(index++) + "\">" + element("filename", file) +
             kDigest + "</part>";
    bytes += size;
  }
  return element(
      "image",
      element("name", bundle.name) + element("user", bundle.user) + element("type", bundle.kind) +
          kDigest + element("size", "1048576") + element("bundled_size", std::to_string(bytes)) +
          "<ec2_encrypted_key algorithm=\"AES-128-CBC\">" + sealed(keys.cloud, bundle.key_hex) +
          "</ec2_encrypted_key>" + element("ec2_encrypted_iv", sealed(keys.cloud, bundle.iv_hex)) +
          "<parts count=\"" + std::to_string(index) + "\">" + parts + "</parts>");
}

}  // namespace

const SampleKeys& sample_keys() {
  static const SampleKeys keys{crypto::PrivateKey::generate(1024).value(),
                               crypto::PrivateKey::generate(1024).value(),
                               crypto::PrivateKey::generate(1024).value()};
  return keys;
}

std::string SampleBundle::document() const {
  const auto covered = machine_configuration(*this) + image(*this);
  const auto signature = sample_keys().user.sign(crypto::SignatureHash::sha1, covered).value();
  return element("manifest", element("version", "2007-10-10") +
                                 element("bundler", element("name", "euca2ools")) + covered +
                                 element("signature", common::hex_encode(signature)));
}

}  // namespace angophora::clc::testing
