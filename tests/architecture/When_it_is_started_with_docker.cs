using Broker.Tests.Support;

namespace Broker.Tests.Architecture;

public sealed class When_it_is_started_with_docker : IDisposable
{
    private static readonly string ComposeFile = Path.Combine(Repository.Root, "docker-compose.yml");

    private static readonly string[] WithElastic = ["--profile", "elasticsearch"];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_compose_file_is_one_and_names_what_it_starts()
    {
        await RequireEngineAsync();
        var end = await ComposeAsync("config", "--services");
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Superset(new HashSet<string> { "rabbitmq", "consumer" }, end.OutputLines.ToHashSet());
    }

    [Fact]
    public async Task The_consumers_are_given_longer_to_stop_than_a_drain_takes()
    {
        await RequireEngineAsync();
        var end = await ComposeAsync("config", "--format", "json");
        Assert.True(end.ExitCode == 0, end.ToString());
        var consumer = System.Text.Json.JsonDocument.Parse(end.Output).RootElement.GetProperty("services").GetProperty("consumer");
        Assert.True(Contracts.DurationText.TryParse(consumer.GetProperty("stop_grace_period").GetString()!, out var grace));
        Assert.True(grace > TimeSpan.FromSeconds(30), $"{grace}");
    }

    [Fact]
    public async Task Elasticsearch_and_kibana_are_there_when_the_profile_is_on()
    {
        await RequireEngineAsync();
        string[] elastic = ["elasticsearch", "elasticsearch-setup", "kibana", "kibana-import"];
        var without = await ComposeAsync("config", "--services");
        Assert.Empty(without.OutputLines.Intersect(elastic));
        var with = await ComposeAsync("--profile", "elasticsearch", "config", "--services");
        Assert.Superset(elastic.ToHashSet(), with.OutputLines.ToHashSet());
    }

    [Fact]
    public async Task They_are_set_up_at_the_first_start_only()
    {
        await RequireEngineAsync();
        RequirePermission();
        try
        {
            foreach (var starts in new[] { 1, 2 })
            {
                var up = await ComposeAsync([.. WithElastic, "up", "--build", "--detach", "--scale", "consumer=1"]);
                Assert.True(up.ExitCode == 0, up.ToString());
                foreach (var (script, success) in new[] { ("elasticsearch-setup", "index template: done"), ("kibana-import", "objects imported") })
                {
                    var container = await ComposeAsync([.. WithElastic, "ps", "--all", "--quiet", script]);
                    var exitCode = await DockerAsync("wait", container.Output.Trim());
                    var log = await ComposeAsync([.. WithElastic, "logs", "--no-log-prefix", script]);
                    Assert.True(exitCode.Output.Trim() == "0", $"{exitCode} {log}");
                    Assert.Equal(1, log.OutputLines.Count(line => line.Contains(success, StringComparison.Ordinal)));
                    Assert.Equal(starts - 1, log.OutputLines.Count(line => line.Contains("nothing has changed", StringComparison.Ordinal)));
                }
            }
        }
        finally
        {
            await ComposeAsync([.. WithElastic, "down", "--volumes"]);
        }
    }

    [Fact]
    public async Task Scaled_consumers_share_a_map()
    {
        await RequireEngineAsync();
        RequirePermission();
        try
        {
            var up = await ComposeAsync("up", "--build", "--detach", "--wait", "--scale", "consumer=3");
            Assert.True(up.ExitCode == 0, up.ToString());
            var map = await ComposeAsync("run", "--rm", "producer", "map", "double", "5", "10", "15", "20", "25");
            Assert.Equal((0, "10\n20\n30\n40\n50\n"), (map.ExitCode, map.Output.Replace("\r", "", StringComparison.Ordinal)));
        }
        finally
        {
            await ComposeAsync("down", "--volumes");
        }
    }

    private static void RequirePermission()
    {
        if (Environment.GetEnvironmentVariable("BROKER_TEST_DOCKER") != "1")
            Assert.Skip("left out: BROKER_TEST_DOCKER=1 lets this test build images and start containers");
    }

    private static async Task RequireEngineAsync()
    {
        try
        {
            await using var docker = RunningProgram.Start("docker", ["version"]);
            if ((await docker.EndAsync(TimeSpan.FromSeconds(20))).ExitCode == 0)
                return;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No such program: the same as no engine.
        }

        Assert.Skip("left out: no Docker engine answers");
    }

    private async Task<ProgramEnd> ComposeAsync(params string[] arguments)
    {
        var settings = _folder.Write("env", "BROKER_PASSWORD=only-for-this-test\nBROKER_PRODUCER_PASSWORD=only-for-this-test\nBROKER_CONSUMER_PASSWORD=only-for-this-test\nELASTIC_PASSWORD=only-for-this-test\nELASTICSEARCH_PASSWORD=only-for-this-test\nKIBANA_PASSWORD=only-for-this-test\n");
        return await DockerAsync(["compose", "--project-name", "broker-test", "--env-file", settings, "--file", ComposeFile, .. arguments]);
    }

    private static async Task<ProgramEnd> DockerAsync(params string[] arguments)
    {
        await using var docker = RunningProgram.Start("docker", arguments);
        return await docker.EndAsync(TimeSpan.FromMinutes(10));
    }
}
