using System.CommandLine;
using Broker.CommandLine.Settings;
using Broker.Consumer.Cli;
using Broker.Contracts;

namespace Broker.Tests.Unit.Configuration;

public sealed class When_consumer_options_are_settings
{
    [Fact]
    public void Each_option_can_be_set_in_the_environment()
    {
        var settings = Settings([], ("CONCURRENCY", "3"), ("PROCESSES", "2"), ("KINDS", "double,sleep=1"), ("SHUTDOWNTIMEOUT", "5s"), ("MAXJOBSPERPROCESS", "100"), ("MAXMEMORYPERPROCESS", "1GiB"), ("EXITWHENIDLE", "true"), ("NAME", "night"));
        Assert.Equal((3, 2, TimeSpan.FromSeconds(5), "night"), (settings.Concurrency, settings.Processes, settings.ShutdownTimeout, settings.Name));
        Assert.Equal((100, 1L << 30, true), (settings.MaxJobsPerProcess, settings.MaxMemoryPerProcess, settings.ExitWhenIdle));
        Assert.Equal([("double", null), ("sleep", 1)], settings.Kinds);
    }

    [Fact]
    public void The_command_line_has_precedence()
    {
        var settings = Settings(["-c", "8", "--kinds", "double", "--max-jobs-per-process", "7"], ("CONCURRENCY", "3"), ("KINDS", "sleep"), ("MAXJOBSPERPROCESS", "100"));
        Assert.Equal((8, 7), (settings.Concurrency, settings.MaxJobsPerProcess));
        Assert.Equal([("double", null)], settings.Kinds);
    }

    [Fact]
    public void A_child_has_its_settings_from_its_supervisor()
    {
        var parent = Settings(["-p", "3", "--max-jobs-per-process", "7", "--max-memory-per-process", "512MiB", "--exit-when-idle"]);
        var child = Settings([.. parent.ChildArguments("consumer-1")], ("PROCESSES", "3"), ("CONCURRENCY", "99"));
        Assert.Equal((null, parent.Concurrency, true, Environment.ProcessId), (child.Processes, child.Concurrency, child.IsSupervised, child.Supervisor));
        Assert.Equal((7, 512L << 20, true), (child.MaxJobsPerProcess, child.MaxMemoryPerProcess, child.ExitWhenIdle));
    }

    [Fact]
    public void A_child_of_a_supervisor_of_an_older_version_has_its_settings_too()
    {
        var child = Settings(["--supervised", "--kinds", "double", "--kinds", "sleep=1", "--concurrency", "2", "--name", "consumer-1", "--shutdown-timeout", "25000ms"], ("CONCURRENCY", "99"));
        Assert.Equal((true, null, 2, "consumer-1"), (child.IsSupervised, child.Supervisor, child.Concurrency, child.Name));
        Assert.Equal([("double", null), ("sleep", 1)], child.Kinds);
    }

    [Theory]
    [InlineData("CONCURRENCY", "many", "BROKER__CONSUMER__CONCURRENCY: --concurrency 'many' is not")]
    [InlineData("MAXJOBSPERPROCESS", "0", "BROKER__CONSUMER__MAXJOBSPERPROCESS: --max-jobs-per-process '0' is not")]
    [InlineData("MAXMEMORYPERPROCESS", "512", "BROKER__CONSUMER__MAXMEMORYPERPROCESS: --max-memory-per-process '512' is not a size: write 512MiB or 2GiB")]
    [InlineData("MAXMEMORYPERPROCESS", "10MiB", "--max-memory-per-process is at least 128MiB, not 10MiB")]
    public void A_bad_value_is_named(string name, string value, string says) =>
        Assert.StartsWith(says, Assert.Throws<InvalidConfigurationException>(() => Settings([], (name, value))).Message, StringComparison.Ordinal);

    private static ConsumerSettings Settings(string[] arguments, params (string Name, string Value)[] environment)
    {
        ConsumerSettings? settings = null;
        var command = new ConsumeCommand();
        var root = command.Create((consume, _) =>
        {
            settings = consume.Validate();
            return Task.FromResult(0);
        });
        var parsed = root.Parse(arguments);
        if (!command.IsSupervised(parsed))
            parsed = SettingArguments.Add(root, parsed, command.Settings, BrokerSettings.Load(environment.ToDictionary(one => $"BROKER__CONSUMER__{one.Name}", one => one.Value)).Consumer);
        Assert.Empty(parsed.Errors);
        parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        return settings!;
    }
}
