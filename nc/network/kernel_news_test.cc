#include "nc/network/kernel_news.h"

#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <cstring>

namespace angophora::nc {
namespace {

template <class T>
std::string bytes_of(const T& value) {
  std::string out(sizeof value, '\0');
  std::memcpy(out.data(), &value, sizeof value);
  return out;
}

std::string padded(std::string bytes) {
  bytes.resize(NLMSG_ALIGN(bytes.size()));
  return bytes;
}

std::string attribute(std::uint16_t type, const std::string& text) {
  nlattr head{};
  head.nla_len = static_cast<std::uint16_t>(sizeof head + text.size() + 1);
  head.nla_type = type;
  return padded(bytes_of(head) + text + '\0');
}

std::string message(int type, const std::string& payload) {
  nlmsghdr head{};
  head.nlmsg_len = static_cast<std::uint32_t>(sizeof head + payload.size());
  head.nlmsg_type = static_cast<std::uint16_t>(type);
  return padded(bytes_of(head) + payload);
}

std::string of_nft(int what, const std::string& table) {
  return message(NFNL_SUBSYS_NFTABLES << 8 | what,
                 bytes_of(nfgenmsg{}) + attribute(NFTA_TABLE_NAME, table));
}

std::string of_link(int type, unsigned flags, const std::string& name) {
  ifinfomsg link{};
  link.ifi_flags = flags;
  return message(type, bytes_of(link) + attribute(IFLA_QDISC, "x") + attribute(IFLA_IFNAME, name));
}

std::string of_address(int type, const std::string& label) {
  return message(type, bytes_of(ifaddrmsg{}) + attribute(IFA_LABEL, label));
}

TEST(KernelNews, RulesChainsAndTablesOfOursAreNews) {
  for (const int what : {NFT_MSG_DELTABLE, NFT_MSG_NEWTABLE, NFT_MSG_DELCHAIN, NFT_MSG_NEWRULE,
                         NFT_MSG_DELRULE, NFT_MSG_DELSET})
    for (const auto* table : {"ango_filter", "ango_nat", "ango_arp"})
      EXPECT_TRUE(names_our_rules(of_nft(what, table))) << what << table;
}

TEST(KernelNews, NeitherOthersTablesNorElementsAreNews) {
  EXPECT_FALSE(names_our_rules(of_nft(NFT_MSG_DELTABLE, "docker")));
  EXPECT_FALSE(names_our_rules(of_nft(NFT_MSG_NEWSETELEM, "ango_filter")));
  EXPECT_FALSE(names_our_rules(of_nft(NFT_MSG_DELSETELEM, "ango_filter")));
  EXPECT_FALSE(names_our_rules(of_nft(NFT_MSG_NEWGEN, "ango_filter")));
}

TEST(KernelNews, AllMessagesOfADatagramAreRead) {
  const auto others = of_nft(NFT_MSG_NEWRULE, "docker") + of_nft(NFT_MSG_NEWGEN, "x");
  EXPECT_FALSE(names_our_rules(others));
  EXPECT_TRUE(names_our_rules(others + of_nft(NFT_MSG_DELRULE, "ango_filter")));
}

TEST(KernelNews, LinksOfOursThatWentAwayOrDownAreNews) {
  EXPECT_TRUE(names_our_links(of_link(RTM_DELLINK, IFF_UP, "angogw")));
  EXPECT_TRUE(names_our_links(of_link(RTM_DELLINK, 0, "angot0123456789")));
  EXPECT_TRUE(names_our_links(of_link(RTM_NEWLINK, 0, "angogw")));
  EXPECT_FALSE(names_our_links(of_link(RTM_NEWLINK, IFF_UP, "angogw")));
  EXPECT_FALSE(names_our_links(of_link(RTM_DELLINK, 0, "eth0")));
}

TEST(KernelNews, AddressesTakenFromTheBridgeAreNews) {
  EXPECT_TRUE(names_our_links(of_address(RTM_DELADDR, "angogw")));
  EXPECT_FALSE(names_our_links(of_address(RTM_NEWADDR, "angogw")));
  EXPECT_FALSE(names_our_links(of_address(RTM_DELADDR, "eth0")));
}

TEST(KernelNews, WhatCannotBeReadIsNone) {
  const auto whole = of_nft(NFT_MSG_DELTABLE, "ango_filter");
  const auto link = of_link(RTM_DELLINK, 0, "angogw");
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(names_our_rules(whole.substr(0, length))) << length;
  for (std::size_t length = 0; length < link.size(); ++length)
    EXPECT_FALSE(names_our_links(link.substr(0, length))) << length;
  auto endless = whole;
  std::memset(endless.data() + sizeof(nlmsghdr) + sizeof(nfgenmsg), 0, 2);  // an attribute of 0
  EXPECT_FALSE(names_our_rules(endless));
  std::memset(endless.data(), 0, 4);  // a message of 0
  EXPECT_FALSE(names_our_rules(endless));
}

}  // namespace
}  // namespace angophora::nc
