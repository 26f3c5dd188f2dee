using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.Architecture;

public sealed class When_rabbitmq_is_given_its_users
{
    private static readonly Dictionary<string, string?> Environment = new()
    {
        ["BROKER_USER"] = "admin",
        ["BROKER_PASSWORD"] = "one",
        ["BROKER_PRODUCER_PASSWORD"] = "two",
        ["BROKER_CONSUMER_PASSWORD"] = "three",
    };

    [Fact]
    public async Task Each_has_its_password_and_only_one_is_an_administrator()
    {
        var users = (await DefinitionsAsync()).GetProperty("users").EnumerateArray().ToDictionary(user => user.GetProperty("name").GetString()!);
        Assert.Equal(["admin", "producer", "consumer"], users.Keys);
        foreach (var (name, password) in new[] { ("admin", "one"), ("producer", "two"), ("consumer", "three") })
        {
            var stored = users[name].GetProperty("password_hash").GetBytesFromBase64();
            Assert.Equal(SHA256.HashData([.. stored[..4], .. Encoding.UTF8.GetBytes(password)]), stored[4..]);
            Assert.Equal(name == "admin" ? 1 : 0, users[name].GetProperty("tags").GetArrayLength());
        }
    }

    [Fact]
    public async Task The_programs_may_use_our_names_only()
    {
        var permissions = (await DefinitionsAsync()).GetProperty("permissions").EnumerateArray().Where(entry => entry.GetProperty("user").GetString() != "admin").ToList();
        Assert.Equal(2, permissions.Count);
        foreach (var right in new[] { "configure", "write", "read" })
            Assert.All(permissions, entry => Assert.StartsWith(@"^broker\.", entry.GetProperty(right).GetString(), StringComparison.Ordinal));
        foreach (var program in new[] { "producer", "consumer" })
            Assert.Contains($"BROKER_URL: amqp://{program}:", ComposeFile.Services[program], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_password_is_named()
    {
        var end = await RunAsync(new Dictionary<string, string?>(Environment) { ["BROKER_CONSUMER_PASSWORD"] = null });
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("BROKER_CONSUMER_PASSWORD is not set", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_container_has_limits()
    {
        foreach (var (name, lines) in ComposeFile.Services)
        {
            var all = lines.Contains("<<: *program", StringComparison.Ordinal) ? lines + ComposeFile.Anchor("x-program") : lines;
            Assert.True(all.Contains("mem_limit: ", StringComparison.Ordinal) && all.Contains("pids_limit: ", StringComparison.Ordinal), name);
        }

        Assert.Contains("  cpus: ", ComposeFile.Anchor("x-program"), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> DefinitionsAsync()
    {
        var end = await RunAsync(Environment);
        Assert.True(end.ExitCode == 0, end.ToString());
        return JsonDocument.Parse(end.Output).RootElement;
    }

    private static async Task<ProgramEnd> RunAsync(Dictionary<string, string?> environment)
    {
        await using var script = RunningProgram.Start("bash", [Path.Combine(Repository.Root, "infra/rabbitmq/with-users.sh"), "definitions"], environment);
        return await script.EndAsync();
    }
}
