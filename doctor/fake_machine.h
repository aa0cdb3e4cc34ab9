// A machine whose every answer a test decides. For tests.
#pragma once

#include <map>
#include <set>

#include "doctor/machine.h"

namespace angophora::doctor {

class FakeMachine final : public Machine {
 public:
  common::SysTime time{std::chrono::milliseconds(1'700'000'000'500)};
  std::map<std::string, FileState> files;
  std::map<std::string, std::string> texts;
  std::set<std::string> forbidden;  // files that may not be read
  std::map<std::string, DiskState> disks;
  std::set<std::string> missing_programs;
  std::map<std::string, std::string> outputs;  // of programs, by name; others fail
  bool libvirt_listens = true;
  std::map<std::string, std::vector<std::string>> addresses;
  std::map<std::string, Contact> contacts;  // by HOST:PORT; others cannot be reached

  void put(const std::string& path, std::string text, unsigned mode = 0600) {
    texts[path] = std::move(text);
    files[path] = {false, mode};
  }
  void remove(const std::string& path) {
    texts.erase(path);
    files.erase(path);
  }

  common::SysTime now() override { return time; }
  std::optional<FileState> file(const std::string& path) override {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  }
  Result<std::string> read(const std::string& path) override {
    if (forbidden.contains(path))
      return common::Error(common::Errc::permission_denied, path + ": not permitted");
    const auto found = texts.find(path);
    if (found == texts.end()) return common::Error(common::Errc::not_found, "no " + path);
    return found->second;
  }
  std::optional<DiskState> disk(const std::string& path) override {
    const auto found = disks.find(path);
    return found == disks.end() ? std::nullopt : std::optional(found->second);
  }
  bool has_program(const std::string& name) override { return !missing_programs.contains(name); }
  Result<std::string> run(std::vector<std::string> argv) override {
    const auto found = outputs.find(argv.front());
    if (found == outputs.end())
      return common::Error(common::Errc::not_found, "no program " + argv.front());
    return found->second;
  }
  Result<> connect_local(const std::string& socket) override {
    if (libvirt_listens) return common::ok();
    return common::Error(common::Errc::unavailable, "nobody listens at " + socket);
  }
  Task<std::vector<std::string>> resolve(std::string host) override {
    const auto found = addresses.find(host);
    if (found == addresses.end())
      co_return common::Error(common::Errc::not_found, "Name or service not known");
    co_return found->second;
  }
  Task<Contact> get(bool, std::string host, std::uint16_t port, std::string) override {
    const auto found = contacts.find(host + ":" + std::to_string(port));
    if (found == contacts.end())
      co_return common::Error(common::Errc::unavailable, "connection refused");
    co_return found->second;
  }
};

}  // namespace angophora::doctor
