#include <cstdio>
#include <filesystem>

#include "clc/cli/api_client.h"
#include "clc/cli/commands.h"
#include "common/audit/verify.h"

namespace angophora::clc::cli {
namespace {

// Where the daemons keep theirs unless told otherwise.
constexpr const char* kUsualFolders[] = {"/var/lib/angophora/clc/audit",
                                         "/var/lib/angophora/walrus/audit"};

void print(const std::string& folder, const audit::Report& report) {
  std::printf("%s: %llu records in %llu files, %llu to %llu, last digest %s\n", folder.c_str(),
              static_cast<unsigned long long>(report.records),
              static_cast<unsigned long long>(report.files),
              static_cast<unsigned long long>(report.first.sequence),
              static_cast<unsigned long long>(report.last.sequence),
              report.last.mac.empty() ? "-" : report.last.mac.c_str());
  if (!report.torn.empty())
    std::printf("  note: %s, left by a daemon that was killed; its next start takes them away\n",
                report.torn.c_str());
  for (const auto& finding : report.findings) std::printf("  FOUND: %s\n", finding.c_str());
}

common::Result<std::size_t> verify_all(const std::vector<std::string>& folders) {
  std::size_t findings = 0;
  for (const auto& folder : folders) {
    TRY(const auto report, audit::verify(folder));
    print(folder, report);
    findings += report.findings.size();
  }
  return findings;
}

}  // namespace

Task<> verify_audit(common::Runtime& runtime, AuditOptions options) {
  if (options.folders.empty())
    for (const auto* folder : kUsualFolders)
      if (std::filesystem::exists(folder)) options.folders.emplace_back(folder);
  if (options.folders.empty())
    co_return common::Error(common::Errc::not_found,
                            "there is no audit log on this machine; --dir names its folder");
  auto work = [folders = options.folders] { return verify_all(folders); };
  CO_TRY(const auto findings, co_await runtime.run_blocking(std::move(work)));
  if (findings == 0) co_return common::ok();
  co_return common::Error(CliErrc::not_well, "the audit log is not what was written: " +
                                                 std::to_string(findings) + " finding(s)");
}

}  // namespace angophora::clc::cli
