using Broker.Tests.Support;

namespace Broker.Tests.Architecture;

public sealed class When_the_broker_script_is_used : IDisposable
{
    /// <summary>The parts of the script, with nothing built and nothing started.</summary>
    private const string Parts = """
        set -euo pipefail
        root=$1 state=$2 bin=$2/bin
        for part in processes build rabbitmq fleet; do source "$root/infra/shell/$part.sh"; done
        publish() { :; }
        wait_until_ready() { :; }

        """;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_shell_that_was_set_up_before_a_broker_was_up_has_it_afterwards()
    {
        const string Url = "amqp://broker:word@127.0.0.1:5/";
        var before = await RunAsync("print_environment");
        Assert.Equal(0, before.ExitCode);
        // What `up` does when its broker answers, with a consumer that does nothing.
        var up = await RunAsync($"mkdir -p \"$bin\" \"$up_dir\"; ln -s /bin/true \"$bin/consumer\"; export BROKER_URL={Url}; start_consumers 1");
        Assert.True(up.ExitCode == 0, up.ToString());
        await using var shell = RunningProgram.Start("bash", ["-c", before.Output + "cat -- \"$BROKER_URL_FILE\""], new Dictionary<string, string?> { ["BROKER_URL"] = null, ["BROKER_URL_FILE"] = null });
        Assert.Equal($"{Url}\n", (await shell.EndAsync()).Output);
    }

    [Fact]
    public async Task A_build_says_how_far_it_is()
    {
        var end = await RunAsync("sleep() { command sleep 0.1; }; quietly producer bash -c 'echo \" -> a.dll\"; command sleep 1'");
        Assert.Equal(0, end.ExitCode);
        Assert.Matches(@"(?m)^  producer: \d+ s, 1 projects built$", end.Error);
    }

    [Theory]
    [InlineData("infra/kibana/import.sh", "IMPORT_STAMP")]
    [InlineData("infra/elasticsearch/setup.sh", "SETUP_STAMP")]
    public async Task What_was_set_up_is_not_set_up_again_at_each_start(string script, string stamp)
    {
        // Answers what a server answers that takes everything.
        var curl = _folder.Write("curl", "#!/bin/sh\necho asked >> \"$0.log\"\ncat > /dev/null\nprintf '{\"success\":true,\"successCount\":1}\\n200'\n");
        await using (var chmod = RunningProgram.Start("chmod", ["+x", curl]))
            await chmod.EndAsync();
        var environment = new Dictionary<string, string?>
        {
            ["PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}",
            [stamp] = Path.Combine(_folder.Path, "stamp"),
            ["ELASTIC_PASSWORD"] = "a",
            ["ELASTICSEARCH_PASSWORD"] = "b",
            ["KIBANA_PASSWORD"] = "c",
        };
        var asked = new List<int>();
        for (var start = 0; start < 2; start++)
        {
            await using var running = RunningProgram.Start("bash", [Path.Combine(Repository.Root, script)], environment);
            var end = await running.EndAsync();
            Assert.True(end.ExitCode == 0, end.ToString());
            asked.Add(File.ReadAllLines($"{curl}.log").Length);
        }

        Assert.True(asked[0] > 1);
        Assert.Equal(asked[0], asked[1]);
    }

    private async Task<ProgramEnd> RunAsync(string commands)
    {
        var state = Directory.CreateDirectory(Path.Combine(_folder.Path, "state")).FullName;
        await using var bash = RunningProgram.Start(
            "bash", ["-c", Parts + commands, "broker", Repository.Root, state], new Dictionary<string, string?> { ["BROKER_URL"] = null, ["BROKER_URL_FILE"] = null });
        return await bash.EndAsync();
    }
}
