using System.Globalization;
using System.Text.Json;

namespace Broker.Tests.Support;

/// <summary>The test's side of the handler <c>gated</c>: reports which jobs have started, in which process, and lets them end.</summary>
public sealed class Gate : IDisposable
{
    private readonly TestFolder _folder = new();

    public string Folder => _folder.Path;

    /// <summary>The jobs started so far, oldest first.</summary>
    public IReadOnlyList<(int Number, int ProcessId)> Begun =>
    [
        .. new DirectoryInfo(Folder).GetFiles("begun-*").OrderBy(file => file.CreationTimeUtc)
            .Select(file => file.Name.Split('-')).Select(part => (int.Parse(part[1], CultureInfo.InvariantCulture), int.Parse(part[2], CultureInfo.InvariantCulture))),
    ];

    public string Item(int number) => JsonSerializer.Serialize(new { folder = Folder, number });

    public IEnumerable<string> Items(int count) => Enumerable.Range(0, count).Select(Item);

    public async Task WaitForStartsAsync(int count)
    {
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (Begun.Count < count)
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
    }

    public void Open() => _folder.Write("open", "");

    public void Dispose() => _folder.Dispose();
}
