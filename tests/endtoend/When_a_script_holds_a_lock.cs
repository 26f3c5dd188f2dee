using System.Diagnostics;
using System.Globalization;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_a_script_holds_a_lock
{
    private readonly string _name = $"lock-{Guid.NewGuid():N}";

    public When_a_script_holds_a_lock() => TestBroker.Require();

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -s KILL $$", 137)]
    public async Task Its_own_exit_code_is_passed_on(string script, int exitCode) =>
        Assert.Equal(exitCode, (await Programs.RunProducerAsync("lock", _name, "--", "sh", "-c", script)).ExitCode);

    [Theory]
    [InlineData(127, "/nowhere/to/be/found")]
    [InlineData(126, "/etc/passwd")]
    public async Task A_program_that_cannot_be_run_is_named_and_the_lock_is_free(int exitCode, string program)
    {
        var end = await Programs.RunProducerAsync("lock", _name, "--", program);
        Assert.Equal(exitCode, end.ExitCode);
        Assert.StartsWith($"producer: cannot run {program}: ", end.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await Programs.RunProducerAsync("lock", _name, "-n", "--", "true")).ExitCode);
    }

    [Fact]
    public async Task Others_exit_at_once_or_after_their_timeout_and_see_who_has_it()
    {
        await using var holder = await HoldAsync();

        Assert.Equal(1, (await Programs.RunProducerAsync("lock", _name, "-n", "--", "true")).ExitCode);
        Assert.Equal(9, (await Programs.RunProducerAsync("lock", _name, "-n", "-E", "9", "--", "true")).ExitCode);
        Assert.Equal(124, (await Programs.RunProducerAsync("lock", _name, "-w", "300ms", "--", "true")).ExitCode);
        // It is recorded when it has been held for about a second.
        ProgramEnd shown;
        do
        {
            shown = await Programs.RunProducerAsync("lock", "--show", _name);
        }
        while (!shown.Output.Contains($" {holder.Id} ", StringComparison.Ordinal));
        Assert.Contains("0 free, 0 waiting", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_holder_has_a_larger_number()
    {
        var fences = new List<long>();
        for (var time = 0; time < 3; time++)
            fences.Add(long.Parse((await Programs.RunProducerAsync("lock", _name, "--", "printenv", "BROKER_FENCE")).Output, CultureInfo.InvariantCulture));
        Assert.Equal(fences.Distinct().Order(), fences);
        Assert.True(fences[0] > 0);
    }

    [Fact]
    public async Task A_killed_holder_frees_it_at_once_and_its_program_ends()
    {
        await using var holder = await HoldAsync();
        await using var next = Programs.StartProducer(["lock", _name, "--", "echo", "next"]);
        var program = int.Parse(holder.Output.ToString().Trim(), CultureInfo.InvariantCulture);
        var killed = Stopwatch.GetTimestamp();
        holder.Kill();

        Assert.Equal("next\n", (await next.EndAsync()).Output);
        Assert.InRange(Stopwatch.GetElapsedTime(killed), TimeSpan.Zero, TimeSpan.FromSeconds(8));
        await Processes.WaitUntilGoneAsync(program);
    }

    [Theory]
    [InlineData("TERM", 5)]
    [InlineData("INT", 6)]
    public async Task A_signal_reaches_the_program_which_decides(string signal, int exitCode)
    {
        await using var holder = Programs.StartProducer(["lock", _name, "--", "sh", "-c", "trap 'exit 5' TERM; trap 'exit 6' INT; echo begun; while :; do sleep 0.1; done"]);
        await holder.WaitForOutputAsync(text => text.Contains("begun", StringComparison.Ordinal), "begun");
        holder.Signal(signal);
        Assert.Equal(exitCode, (await holder.EndAsync()).ExitCode);
    }

    [Theory]
    [InlineData("kill", "")]
    [InlineData("warn", "to the end\n")]
    public async Task A_holder_whose_lock_is_broken_is_told(string onLost, string output)
    {
        await using var holder = Programs.StartProducer(["lock", _name, "--on-lost", onLost, "--", "sh", "-c", "echo begun; sleep 4; echo to the end"]);
        await holder.WaitForOutputAsync(text => text.Contains("begun", StringComparison.Ordinal), "begun");
        Assert.Equal(0, (await Programs.RunProducerAsync("lock", "--break", _name)).ExitCode);
        Assert.Equal(0, (await Programs.RunProducerAsync("lock", _name, "-n", "--", "true")).ExitCode);

        var end = await holder.EndAsync();
        Assert.Equal(75, end.ExitCode);
        Assert.Equal("begun\n" + output, end.Output);
        Assert.Contains($"{_name} was lost while sh ran: ", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_semaphore_lets_so_many_run()
    {
        await using var first = await HoldAsync("--permits", "2");
        await using var second = await HoldAsync("--permits", "2");
        Assert.Equal(1, (await Programs.RunProducerAsync("semaphore", _name, "--permits", "2", "-n", "--", "true")).ExitCode);
        first.Kill();
        Assert.Equal(0, (await Programs.RunProducerAsync("semaphore", _name, "--permits", "2", "-w", "20s", "--", "true")).ExitCode);
    }

    /// <summary>A holder, whose output is the id of the program that it runs.</summary>
    private async Task<RunningProgram> HoldAsync(params string[] options)
    {
        var holder = Programs.StartProducer(["lock", _name, .. options, "--", "sh", "-c", "echo $$; exec sleep 100"]);
        await holder.WaitForOutputAsync(text => text.EndsWith('\n'), "a process id");
        return holder;
    }
}
