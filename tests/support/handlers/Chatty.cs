using System.Diagnostics;
using Broker.Contracts;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Handlers;

/// <summary>Has much to say.</summary>
/// <param name="Lines">So many lines at debug, each longer than what a console's writer writes at once.</param>
/// <param name="Print">Whether it prints to standard output as well: itself, and by a process of its own.</param>
public sealed record Chatty(int Lines, bool Print = false) : IJob<int>
{
    public static string Kind => KindSuffix.Of("chatty");
}

public sealed class ChattyHandler : IJobHandler<Chatty, int>
{
    private static readonly string Padding = new('x', 300);

    public async Task<int> HandleAsync(Chatty args, JobContext job)
    {
        for (var line = 1; line <= args.Lines; line++)
            job.Logger.LogDebug("line {Line} of job {Index} {Padding}", line, job.Index, Padding);
        if (args.Print)
        {
            Console.Out.WriteLine($"printed by {Environment.ProcessId}");
            using var echo = Process.Start("/bin/sh", ["-c", $"printf 'echoed by {Environment.ProcessId}\\nno end'"]);
            await echo.WaitForExitAsync(job.CancellationToken);
        }

        return Environment.ProcessId;
    }
}
