#include "common/registry/door.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>

#include "common/registry/identity.h"

namespace angophora::registry {
namespace {

// Clients of some systems refuse certificates that are good for longer.
constexpr auto kCertificateLife = std::chrono::hours(24 * 820);

std::string own_host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

bool is_address(const std::string& name) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, name.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

void add(crypto::CertificateSubject& subject, const std::string& name) {
  auto& list = is_address(name) ? subject.addresses : subject.dns_names;
  if (!name.empty() && std::find(list.begin(), list.end(), name) == list.end())
    list.push_back(name);
}

}  // namespace

Result<http::TlsIdentity> make_door_identity(const std::string& state_dir, const soap::Self& issuer,
                                             const std::string& names, common::Runtime& runtime) {
  crypto::CertificateSubject subject;
  std::string name;
  for (const char c : names + ",") {
    if (c != ',' && c != ' ') {
      name += c;
      continue;
    }
    add(subject, name);
    name.clear();
  }
  add(subject, own_host_name());
  add(subject, "localhost");
  add(subject, "127.0.0.1");
  add(subject, "::1");
  subject.common_name = issuer.name.value + " door";
  subject.not_before = runtime.now() - std::chrono::hours(24);
  subject.not_after = subject.not_before + kCertificateLife;
  subject.serial = runtime.random_bytes(16);
  TRY(const auto key, load_or_make_key(state_dir + "/keys/door.key"));
  TRY(const auto certificate,
      crypto::Certificate::for_tls_server(key, subject, issuer.key, issuer.certificate));
  return http::TlsIdentity{certificate.pem(), key.pem()};
}

}  // namespace angophora::registry
