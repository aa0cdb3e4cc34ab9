#include <fmt/format.h>

#include <algorithm>

#include "common/registry/document.h"
#include "doctor/checks.h"
#include "doctor/enrolment_file.h"

namespace angophora::doctor {
namespace {

using common::Errc;
using namespace std::chrono_literals;

// What lasts shorter than this should be renewed.
constexpr auto kLifeMin = std::chrono::hours(24 * 30);

std::string day(common::SysTime time) { return common::format_iso8601(time).substr(0, 10); }

std::string lost_key_remedy(const LocalDaemon& daemon) {
  if (daemon.role == soap::Role::cloud)
    return "bring it back from a backup (angophora restore); without the image key no image opens";
  return "remove " + daemon.state_dir +
         "/keys and enrol anew: angophora service register, and the token into " +
         daemon.state_dir + "/enrolment-token";
}

void check_life(const crypto::Certificate& certificate, const std::string& object,
                common::SysTime now, Findings& findings) {
  const auto end = certificate.not_after();
  if (now < certificate.not_before())
    findings.push_back(failure("certificates", object,
                               "counts only from " + day(certificate.not_before()) + " on",
                               "the clock of this machine, or of the one that made it, is wrong"));
  else if (now >= end)
    findings.push_back(failure("certificates", object, "is over since " + day(end),
                               "enrol that component anew with fresh keys"));
  else if (end - now < kLifeMin)
    findings.push_back(warning("certificates", object, "ends on " + day(end),
                               "enrol that component anew with fresh keys before that day"));
  else
    findings.push_back(fine("certificates", object, "is good until " + day(end)));
}

// The text of a file that others must not read; nothing when it is missing or open.
std::optional<std::string> read_secret(Machine& machine, const std::string& path,
                                       const LocalDaemon& daemon, Findings& findings) {
  const auto state = machine.file(path);
  auto text = machine.read(path);
  if (!text) {
    const bool denied = text.error().code == Errc::permission_denied;
    findings.push_back(failure("keys", path, denied ? "may not be read" : "is missing",
                               denied ? "run this as root" : lost_key_remedy(daemon)));
    return std::nullopt;
  }
  if (state && state->mode & 077)
    findings.push_back(failure("keys", path,
                               fmt::format("has mode {:04o}: others may read it", state->mode),
                               "chmod 600 " + path + ", and think about who has read it"));
  return std::move(text).assume_value();
}

void check_pair(Machine& machine, const LocalDaemon& daemon, const std::string& name,
                Findings& findings) {
  const auto base = daemon.state_dir + "/keys/" + name;
  const auto key_text = read_secret(machine, base + ".key", daemon, findings);
  const auto certificate_text = machine.read(base + ".crt");
  if (!certificate_text)
    findings.push_back(
        failure("keys", base + ".crt", "is missing or may not be read", lost_key_remedy(daemon)));
  if (!key_text || !certificate_text) return;
  const auto key = crypto::PrivateKey::from_pem(*key_text);
  const auto certificate = crypto::Certificate::from_pem(certificate_text.value());
  if (!key || !certificate) {
    findings.push_back(
        failure("keys", base + (key ? ".crt" : ".key"), "is damaged", lost_key_remedy(daemon)));
    return;
  }
  if (key.value().public_key().der() != certificate.value().public_key().der()) {
    findings.push_back(failure("keys", base + ".crt", "is not the certificate of " + base + ".key",
                               lost_key_remedy(daemon)));
    return;
  }
  findings.push_back(fine("keys", base + ".key", "is whole and fits its certificate"));
  check_life(certificate.value(), base + ".crt", machine.now(), findings);
}

}  // namespace

const t__serviceInfo* Membership::find(const std::string& service) const {
  for (const auto& entry : registry.services)
    if (entry.name == service) return &entry;
  return nullptr;
}

void check_keys(Machine& machine, const LocalDaemon& daemon, Findings& findings) {
  const auto folder = machine.file(daemon.state_dir + "/keys");
  if (!folder) {
    findings.push_back(failure("keys", daemon.state_dir + "/keys",
                               "is not there, or may not be looked at",
                               "run this as root; the daemon makes its keys at its first start"));
    return;
  }
  if (folder->mode & 077)
    findings.push_back(
        failure("keys", daemon.state_dir + "/keys",
                fmt::format("has mode {:04o}: others may look into it", folder->mode),
                "chmod 700 " + daemon.state_dir + "/keys"));
  check_pair(machine, daemon, "signing", findings);
  check_pair(machine, daemon, "encryption", findings);
  if (daemon.role != soap::Role::cloud) return;
  check_pair(machine, daemon, "image", findings);
  for (const auto* name : {"secret", "masters"}) {
    const auto path = daemon.state_dir + "/keys/" + name;
    if (read_secret(machine, path, daemon, findings))
      findings.push_back(fine("keys", path, "is there"));
  }
}

std::optional<Membership> check_enrolment(Machine& machine, const LocalDaemon& daemon,
                                          Findings& findings) {
  if (daemon.role == soap::Role::cloud) return std::nullopt;
  const auto enrolment_path = daemon.state_dir + "/registry.enrolment";
  const auto registry_path = daemon.state_dir + "/registry.signed";
  const auto enrolment_text = machine.read(enrolment_path);
  const auto registry_text = machine.read(registry_path);
  if (!enrolment_text || !registry_text) {
    findings.push_back(
        failure("enrolment", daemon.state_dir, "this component is not enrolled",
                "angophora service register on the cloud controller, and the token that it prints "
                "into " +
                    daemon.state_dir + "/enrolment-token"));
    return std::nullopt;
  }
  const auto damaged = [&](const std::string& path, const std::string& why) {
    findings.push_back(failure("enrolment", path, why,
                               "enrol anew: angophora service register, then the token into " +
                                   daemon.state_dir + "/enrolment-token"));
    return std::nullopt;
  };
  const auto enrolment = parse_enrolment_file(enrolment_text.value());
  if (!enrolment) return damaged(enrolment_path, enrolment.error().message);
  const auto document = registry::deserialise(registry_text.value());
  if (!document) return damaged(registry_path, document.error().message);
  auto opened = registry::open_registry(document.value(), enrolment.value().cloud_certificate);
  if (!opened) return damaged(registry_path, opened.error().message);
  Membership membership{enrolment.value().name, std::move(opened).assume_value()};
  const common::SysTime issued{std::chrono::milliseconds(membership.registry.issuedMs)};
  const auto age = machine.now() - issued;
  const auto message =
      fmt::format("version {} of {}", membership.registry.version, common::format_iso8601(issued));
  if (age > 24h * 3)
    findings.push_back(failure("enrolment", registry_path, message + " is old",
                               "the cloud controller does not reach this daemon with newer ones: "
                               "see ports and clock"));
  else
    findings.push_back(fine("enrolment", registry_path, message));
  return membership;
}

void check_certificates(Machine& machine, const LocalDaemon& daemon, const Membership& membership,
                        Findings& findings) {
  const auto* own = membership.find(membership.name);
  const auto register_again = "angophora service register " + membership.name +
                              " with its type and host, the token into " + daemon.state_dir +
                              "/enrolment-token, and restart the daemon";
  if (!own) {
    findings.push_back(failure("certificates", membership.name,
                               "is not in the registry: it was deregistered", register_again));
  } else {
    for (const bool signs : {true, false}) {
      const auto path = daemon.state_dir + (signs ? "/keys/signing.crt" : "/keys/encryption.crt");
      const auto text = machine.read(path);
      if (!text) continue;  // check_keys has told
      const auto certificate = crypto::Certificate::from_pem(text.value());
      const auto& pinned = signs ? own->signingCertificate : own->encryptionCertificate;
      if (certificate && certificate.value().der() != pinned)
        findings.push_back(
            failure("certificates", path, "is not the one of the registry", register_again));
    }
  }
  for (const auto& entry : membership.registry.services) {
    if (entry.signingCertificate.empty()) continue;
    const auto certificate = crypto::Certificate::from_der(entry.signingCertificate);
    const auto object = entry.name + " in the registry";
    if (certificate)
      check_life(certificate.value(), object, machine.now(), findings);
    else
      findings.push_back(
          failure("certificates", object, "is damaged", "enrol that component anew"));
  }
}

}  // namespace angophora::doctor
