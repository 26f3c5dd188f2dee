using System.Text.RegularExpressions;

namespace Broker.Tests.Architecture;

public sealed partial class When_elasticsearch_is_wanted_or_not
{
    private static readonly string[] Elastic = ["elasticsearch", "elasticsearch-setup", "kibana", "kibana-import"];

    private static readonly string[] Settings = Repository.Read(".env.example").Split('\n').Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#')).ToArray();

    [Fact]
    public void Two_lines_of_the_settings_decide()
    {
        Assert.Contains("COMPOSE_PROFILES=elasticsearch", Settings);
        Assert.Contains("ELASTICSEARCH_URL=http://elasticsearch:9200", Settings);
        Assert.Contains("\n  profiles: [elasticsearch]\n", "\n" + ComposeFile.Anchor("x-elastic"), StringComparison.Ordinal);
        Assert.Equal(Elastic, ComposeFile.Services.Where(service => service.Value.Contains("<<: *elastic", StringComparison.Ordinal)).Select(service => service.Key).Order());
    }

    [Fact]
    public void The_fleet_waits_for_rabbitmq_only()
    {
        Assert.Contains("ELASTICSEARCH_URL: ${ELASTICSEARCH_URL:-}", ComposeFile.Anchor("x-program"), StringComparison.Ordinal);
        Assert.Contains("BROKER__LOGGING__SPOOL: /var/log/broker/", ComposeFile.Anchor("x-program"), StringComparison.Ordinal);
        Assert.Contains("- logs:/var/log/broker\n", ComposeFile.Anchor("x-program"), StringComparison.Ordinal);
        Assert.DoesNotContain("depends_on", ComposeFile.Anchor("x-program"), StringComparison.Ordinal);
        Assert.EndsWith("depends_on:\n      rabbitmq: { condition: service_healthy }\n", Before(ComposeFile.Services["consumer"], "    healthcheck:"), StringComparison.Ordinal);
        Assert.DoesNotContain("depends_on", ComposeFile.Services["producer"], StringComparison.Ordinal);
    }

    [Fact]
    public void Only_this_machine_reaches_a_port()
    {
        var ports = Port().Matches(ComposeFile.Text).Select(match => match.Groups["address"].Value).ToList();
        Assert.Equal(4, ports.Count);
        Assert.All(ports, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
    }

    [Fact]
    public void Security_is_on_and_no_password_has_a_default()
    {
        Assert.Contains("xpack.security.enabled: \"true\"", ComposeFile.Services["elasticsearch"], StringComparison.Ordinal);
        Assert.Contains("xpack.license.self_generated.type: basic", ComposeFile.Services["elasticsearch"], StringComparison.Ordinal);
        var passwords = Variable().Matches(ComposeFile.Text).Where(match => match.Groups["name"].Value.EndsWith("PASSWORD", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(passwords);
        Assert.All(passwords, password => Assert.Matches("^(:-|:\\?.*)$", password.Groups["otherwise"].Value));
    }

    [Fact]
    public void Every_variable_is_in_the_example_of_the_settings()
    {
        var names = Variable().Matches(ComposeFile.Text).Select(match => match.Groups["name"].Value).Distinct().ToList();
        Assert.Contains("KIBANA_PASSWORD", names);
        Assert.All(names, name => Assert.Contains(Settings, line => line.StartsWith(name + "=", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_stays_up_is_watched_and_bounded_and_what_it_keeps_has_a_name()
    {
        foreach (var name in Elastic.Where(name => !name.Contains('-', StringComparison.Ordinal)))
            Assert.Contains("\n    healthcheck:\n", ComposeFile.Services[name], StringComparison.Ordinal);
        Assert.All(Elastic, name => Assert.Contains("\n    mem_limit: ", ComposeFile.Services[name], StringComparison.Ordinal));
        Assert.Contains("- elasticsearch:/usr/share/elasticsearch/data\n", ComposeFile.Services["elasticsearch"], StringComparison.Ordinal);
        // A script that failed has said why; again and again it would say nothing new.
        Assert.All(Elastic.Where(name => name.Contains('-', StringComparison.Ordinal)), name => Assert.DoesNotContain("restart:", ComposeFile.Services[name], StringComparison.Ordinal));
    }

    private static string Before(string text, string end) => text[..text.IndexOf(end, StringComparison.Ordinal)];

    [GeneratedRegex(@"^      - (?<address>[^\s/]+:\d+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Port();

    [GeneratedRegex(@"(?<!\$)\$\{(?<name>[A-Z_]+)(?<otherwise>[^}]*)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();
}
