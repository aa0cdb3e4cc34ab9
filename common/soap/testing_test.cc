#include "common/soap/testing.h"

#include <gtest/gtest.h>

#include <map>

namespace angophora::soap::testing {

const Self& self_named(const std::string& name) {
  static std::map<std::string, Self> made;
  if (const auto found = made.find(name); found != made.end()) return found->second;
  auto key = crypto::PrivateKey::generate().value();
  crypto::CertificateSubject subject;
  subject.common_name = name;
  subject.not_before = test_time() - std::chrono::hours(24);
  subject.not_after = test_time() + std::chrono::hours(24 * 3650);
  subject.serial = "serial of " + name.substr(0, 8);
  auto certificate = crypto::Certificate::self_signed(key, subject).value();
  Self self{ServiceName(name), std::move(key), std::move(certificate)};
  return made.emplace(name, std::move(self)).first->second;
}

Peer peer_of_self(const Self& self, Role role, std::uint16_t port) {
  return Peer{self.name, role, ZoneName("zone-a"), "127.0.0.1", port, self.certificate, {}};
}

SysTime test_time() { return *common::parse_iso8601("2026-11-22T03:00:00Z"); }

Addressing request_addressing() {
  Addressing addressing;
  addressing.to = "urn:angophora:service:node-1";
  addressing.action = "urn:angophora:node:1/GetConsoleOutput";
  addressing.message_id = "urn:uuid:00000000-0000-4000-8000-000000000001";
  addressing.created = test_time();
  addressing.expires = test_time() + std::chrono::seconds(60);
  return addressing;
}

std::string request_content() {
  return "<node:GetConsoleOutput xmlns:node=\"urn:angophora:node:1\">"
         "<node:instanceId>i-1</node:instanceId><node:placementNo>1</node:placementNo>"
         "</node:GetConsoleOutput>";
}

std::string signed_by(const Self& self, const Addressing& addressing, std::string_view content) {
  return sign_envelope(addressing, content, self.key, self.certificate.sha1_thumbprint()).value();
}

std::string signed_request() {
  return signed_by(self_named("cc-1"), request_addressing(), request_content());
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  if (at != std::string::npos) text.replace(at, what.size(), with);
  return text;
}

std::string piece(const std::string& text, std::string_view begin, std::string_view end) {
  const auto from = text.find(begin);
  const auto to = text.find(end, from);
  EXPECT_NE(from, std::string::npos) << begin;
  EXPECT_NE(to, std::string::npos) << end;
  return text.substr(from, to + end.size() - from);
}

}  // namespace angophora::soap::testing
