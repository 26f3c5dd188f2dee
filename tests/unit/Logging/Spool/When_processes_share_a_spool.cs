using Broker.Logging.Spool;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Logging.Spool;

public sealed class When_processes_share_a_spool : IDisposable
{
    private readonly TestFolder _folder = new();

    private string Base => Path.Combine(_folder.Path, "logs");

    [Fact]
    public void The_folder_of_one_that_lives_is_left_alone()
    {
        using var alive = SpoolShare.Create(Base, "alive");
        alive.NewSegment(EventRank.Information).Close();

        Assert.Empty(SpoolShare.TakeOver(Base, 10));
    }

    [Fact]
    public void The_folder_of_one_that_ended_is_taken_over_by_one_other()
    {
        using (var ended = SpoolShare.Create(Base, "ended"))
            ended.NewSegment(EventRank.Information).Close();

        var first = Assert.Single(SpoolShare.TakeOver(Base, 10));
        Assert.Empty(SpoolShare.TakeOver(Base, 10));
        first.Dispose();
        using var second = Assert.Single(SpoolShare.TakeOver(Base, 10));
        Assert.Single(second.Segments());
    }

    [Fact]
    public void A_folder_with_nothing_in_it_goes_with_its_process()
    {
        SpoolShare.Create(Base, "idle").Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Owners_of_one_name_have_folders_of_their_own()
    {
        using var one = SpoolShare.Create(Base, "host/1:x");
        using var other = SpoolShare.Create(Base, "host/1:x");

        Assert.Equal(2, Directory.GetDirectories(_folder.Path).Length);
    }

    [Fact]
    public void No_more_are_taken_over_than_is_asked_for()
    {
        for (var number = 0; number < 5; number++)
        {
            using var ended = SpoolShare.Create(Base, "ended");
            ended.NewSegment(EventRank.Information).Close();
        }

        var taken = SpoolShare.TakeOver(Base, 3).ToList();
        Assert.Equal(3, taken.Count);
        taken.ForEach(share => share.Dispose());
    }

    public void Dispose() => _folder.Dispose();
}
